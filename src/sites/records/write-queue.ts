// Runs tasks one after another, so that nothing changes a record between a task's read and its write.

export class WriteQueue {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    // The caller handles its failed task; the next task runs in any case.
    this.#last = result.catch(() => undefined);
    return result;
  }
}
