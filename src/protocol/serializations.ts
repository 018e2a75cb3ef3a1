// PeerJS's serializations. A page's own class may bring another name, for which nothing here stands.

/** As offers name them. */
const SERIALIZATIONS = ['binary', 'binary-utf8', 'json', 'raw'] as const;

export type Serialization = (typeof SERIALIZATIONS)[number];

export function isSerialization(name: string): name is Serialization {
  return SERIALIZATIONS.some((known) => known === name);
}
