// The interface through which the demo drives a browser: a profile, and pages in which it acts like a person. Each browser has
// its own implementation.

/** The longest wait for any single step. A 64 MiB file takes only seconds even on a slow machine. */
export const DEADLINE_MS = 60_000;
/** The size of pages in headless mode. */
export const WINDOW = { width: 1180, height: 860 };

/**
 * @typedef {object} Options
 * @property {string} executablePath
 * @property {boolean} headless
 * @property {string} [extension] the folder of the built extension
 * @property {number} left the window's left edge, in pixels, if the browser lets us choose
 */

/**
 * @typedef {object} Driver
 * @property {DrivenPage} page the demo's page
 * @property {'colour' | 'pitch'} telling how to distinguish people: by the colors of their cameras, or by the pitch of their
 *   microphones
 * @property {number} [pitch] of the microphone, in hertz
 * @property {{ shareScreen?: string, showIn?: string }} cannot the features that this browser lacks, and why
 * @property {() => Promise<DrivenPage>} prompt waits for the extension's next prompt
 * @property {(path: string) => Promise<DrivenPage>} extensionPage opens a page of the extension, in its own tab or window
 * @property {Promise<unknown>} closed resolves when the browser is gone
 * @property {() => Promise<void>} close
 */

/** @typedef {{ width: number, height: number }} Size */
/** @template T @typedef {Exclude<T, false | '' | null | undefined>} Truthy */

/**
 * @typedef {object} DrivenPage
 * @property {Size | null} size null if the window determines the size
 * @property {(url: string) => Promise<void>} goto
 * @property {(button: string) => Promise<void>} press presses the button with this exact name, once it is enabled
 * @property {(label: string) => Promise<void>} toggle toggles the switch with this exact label
 * @property {(field: string, text: string) => Promise<void>} fill fills the field with this exact name
 * @property {(selector: string, path: string) => Promise<void>} chooseFile
 * @property {<A, R>(script: (argument: A) => R, argument: A) => Promise<Awaited<R>>} evaluate
 * @property {<A, R>(script: (argument: A) => R, argument: A, timeout?: number) => Promise<Truthy<Awaited<R>>>} until
 *   resolves with the script's value once it is truthy; `timeout` in milliseconds, 0 for none
 * @property {(size: Size) => Promise<void>} resize
 * @property {(scheme: 'light' | 'dark') => Promise<void>} [showIn] sets the color scheme; absent if the driver cannot
 * @property {(path: string, fullPage: boolean) => Promise<void>} picture
 * @property {() => Promise<void>} close
 */
