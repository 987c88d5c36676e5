const CLIENT_ID_MAX = 2 ** 32 - 1;

/** Client ids that do not repeat while any order can still have them. */
export class ClientIds {
  #next = 1;

  take(): number {
    const id = this.#next;
    this.#next = id === CLIENT_ID_MAX ? 1 : id + 1;
    return id;
  }
}
