import uWebSockets from 'uWebSockets.js';
import { cannedReply, epochUs, requestIdOf } from './canned-replies.ts';
import { listen } from './listen.ts';

/**
 * A venue that does nothing: it answers every request at once, so that what a generator reaches is its own limit.
 * Tells its port to the process that forked it.
 */
const app = uWebSockets.App();
app.ws('/ws', {
  compression: uWebSockets.DISABLED,
  maxBackpressure: 256 * 1024 * 1024,
  message(socket, message, isBinary) {
    const nowUs = epochUs();
    const times = [nowUs, nowUs, nowUs, nowUs];
    socket.send(cannedReply(requestIdOf(message, isBinary), isBinary, times), isBinary);
  },
});
listen(app);
