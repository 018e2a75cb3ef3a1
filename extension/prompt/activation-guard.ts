// Protects the prompt's buttons from clicks and keys that the user meant for the window in which they were a moment ago.

/** Longer than it takes to finish a double click or a key press that began before the window appeared. */
const SETTLING_TIME_MS = 500;

/** Armed once the window has had the focus for SETTLING_TIME_MS. The owner must ignore clicks while it is not armed. */
export class ActivationGuard {
  readonly #onChange: (isArmed: boolean) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isArmed = false;

  constructor(target: Window, onChange: (isArmed: boolean) => void) {
    this.#onChange = onChange;
    target.addEventListener('focus', () => this.#settle());
    target.addEventListener('blur', () => this.#disarm());
    this.#disarm();
    if (target.document.hasFocus()) this.#settle();
  }

  get isArmed(): boolean {
    return this.#isArmed;
  }

  #settle(): void {
    this.#disarm();
    this.#timer = setTimeout(() => this.#set(true), SETTLING_TIME_MS);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#set(false);
  }

  #set(isArmed: boolean): void {
    this.#isArmed = isArmed;
    this.#onChange(isArmed);
  }
}
