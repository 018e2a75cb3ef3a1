// What `#platform/…` has to offer in every browser; package.json and the build choose the folder that it comes from.

/** `#platform/bridge-host` */
export interface BridgeHost {
  /** Passes the page's port on from the bridge frame to the engine host; rejects where the frame cannot. */
  deliverToHost: (delivery: unknown, port: MessagePort) => Promise<void>;
}

/** `#platform/named-by` */
export interface NamedBy {
  /** Headers of the extension's requests by which a server would recognise this browser. */
  headersThatName: readonly string[];
}

/** `#platform/id-default` */
export interface IdDefault {
  /** IDs are kept for sites that the user has set nothing about. */
  KEEPS_IDS: boolean;
}
