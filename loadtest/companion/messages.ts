/** To a process that keeps others' clients while the generators send. */
export type ToCompanion<Setup> =
  | { readonly type: 'setup'; readonly setup: Setup }
  /** The measured part, in ms of the epoch. */
  | { readonly type: 'start'; readonly fromEpochMs: number; readonly toEpochMs: number }
  /** Leave, and say what was found. */
  | { readonly type: 'stop' };

export type FromCompanion<Report> =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly report: Report }
  | { readonly type: 'failed'; readonly message: string };
