// The interfaces that each `#platform/…` module implements for every browser. The `imports` of package.json and the build choose
// the browser's folder.

/** `#platform/bridge-host` */
export interface BridgeHost {
  /** Passes the page's port from the bridge frame on towards the engine host. Rejects if the frame lacks the means. */
  deliverToHost: (delivery: unknown, port: MessagePort) => Promise<void>;
}

/** `#platform/named-by` */
export interface NamedBy {
  /** The headers of the extension's requests by which a server could recognize this browser. */
  headersThatName: readonly string[];
}

/** `#platform/id-default` */
export interface IdDefault {
  /** Whether IDs are saved for sites without a setting of the user's. */
  KEEPS_IDS: boolean;
}
