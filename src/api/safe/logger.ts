// PeerJS's logger (PeerJS lib/logger.ts). All Peers of a page share its level and print function; the last Peer sets both.

const PREFIX = 'PeerJS: ';

/** 0: nothing; 1: errors; 2: errors and warnings; 3: everything. */
type LogLevel = 0 | 1 | 2 | 3;
export type LogFunction = (level: LogLevel, ...rest: unknown[]) => void;

class Logger {
  level = 0;
  #print: LogFunction = print;

  log(...args: unknown[]): void {
    if (this.level >= 3) this.#print(3, ...args);
  }

  warn(...args: unknown[]): void {
    if (this.level >= 2) this.#print(2, ...args);
  }

  error(...args: unknown[]): void {
    if (this.level >= 1) this.#print(1, ...args);
  }

  setLogFunction(print: LogFunction): void {
    this.#print = print;
  }
}

export const logger = new Logger();

function print(level: LogLevel, ...rest: unknown[]): void {
  const copy: unknown[] = [PREFIX, ...rest].map((item) =>
    item instanceof Error ? `(${item.name}) ${item.message}` : item,
  );
  if (level >= 3) console.log(...copy);
  else if (level >= 2) console.warn('WARNING', ...copy);
  else console.error('ERROR', ...copy);
}
