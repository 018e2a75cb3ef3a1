// What the demo needs of a browser: one profile, and pages in which it does what a person does. Each browser has its own.

/** Longest wait for any one thing; a 64 MiB file takes seconds even on a slow machine. */
export const DEADLINE_MS = 60_000;
/** The size of pages without a display. */
export const WINDOW = { width: 1180, height: 860 };

/**
 * @typedef {object} Options
 * @property {string} executablePath
 * @property {boolean} headless
 * @property {string} [extension] the folder of the built one
 * @property {number} left where the window is to be, in pixels, if the browser lets us choose
 */

/**
 * @typedef {object} Driver
 * @property {DrivenPage} page the one of the demo
 * @property {'colour' | 'pitch'} telling what people are told apart by: what their cameras see, or how their microphones
 *   sound
 * @property {number} [pitch] of the microphone, in hertz
 * @property {{ shareScreen?: string, showIn?: string }} cannot what this browser is not asked for, and why
 * @property {() => Promise<DrivenPage>} prompt the extension's next one
 * @property {(path: string) => Promise<DrivenPage>} extensionPage opens one, in a tab or window of its own
 * @property {Promise<unknown>} closed resolves when the browser is gone
 * @property {() => Promise<void>} close
 */

/** @typedef {{ width: number, height: number }} Size */
/** @template T @typedef {Exclude<T, false | '' | null | undefined>} Truthy */

/**
 * @typedef {object} DrivenPage
 * @property {Size | null} size null where the window decides
 * @property {(url: string) => Promise<void>} goto
 * @property {(button: string) => Promise<void>} press by the button's whole name, once it can be pressed
 * @property {(label: string) => Promise<void>} toggle a switch, by its whole label
 * @property {(field: string, text: string) => Promise<void>} fill by the field's whole name
 * @property {(selector: string, path: string) => Promise<void>} chooseFile
 * @property {<A, R>(script: (argument: A) => R, argument: A) => Promise<Awaited<R>>} evaluate
 * @property {<A, R>(script: (argument: A) => R, argument: A, timeout?: number) => Promise<Truthy<Awaited<R>>>} until
 *   resolves with the script's value when that is true; `timeout` in milliseconds, 0 for none
 * @property {(size: Size) => Promise<void>} resize
 * @property {(scheme: 'light' | 'dark') => Promise<void>} [showIn] in the colours for it; not where the driver cannot
 * @property {(path: string, fullPage: boolean) => Promise<void>} picture
 * @property {() => Promise<void>} close
 */
