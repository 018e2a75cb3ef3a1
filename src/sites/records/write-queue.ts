// Runs tasks one after another: a record that is read, changed and written back must not be changed by others between.

export class WriteQueue {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    // A task that fails is its caller's business; the next one runs all the same.
    this.#last = result.catch(() => undefined);
    return result;
  }
}
