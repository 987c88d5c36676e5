import uWebSockets, { type TemplatedApp } from 'uWebSockets.js';

export interface SinkListening {
  readonly type: 'listening';
  readonly port: number;
}

/** Listens on a free port and tells it to the process that forked this one, which it ends with. */
export function listen(app: TemplatedApp): void {
  app.listen('127.0.0.1', 0, (listenSocket) => {
    if (listenSocket === false) process.exit(1);
    const port = uWebSockets.us_socket_local_port(listenSocket);
    process.send?.({ type: 'listening', port } satisfies SinkListening);
  });
  process.on('disconnect', () => process.exit(0));
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
}
