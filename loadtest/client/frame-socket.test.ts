import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { writeClientFrame } from './client-frame.ts';
import { FrameSocket, UpgradeRefused } from './frame-socket.ts';

const closers: (() => void)[] = [];
after(() => {
  for (const close of closers) close();
});

async function webSocketServer(): Promise<{ server: WebSocketServer; url: string }> {
  const server = new WebSocketServer({ port: 0, path: '/ws' });
  closers.push(() => server.close());
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function tcpServer(onSocket: (socket: Socket) => void): Promise<string> {
  const server: Server = createServer(onSocket);
  closers.push(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Heard {
  readonly text: string;
  readonly isBinary: boolean;
}

class Listener {
  readonly heard: Heard[] = [];
  #waiting: (() => void) | undefined;

  readonly onMessage = (buffer: Buffer, start: number, end: number, isBinary: boolean): void => {
    this.heard.push({ text: buffer.toString('latin1', start, end), isBinary });
    this.#waiting?.();
  };

  async until(count: number): Promise<readonly Heard[]> {
    while (this.heard.length < count) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.heard;
  }
}

const LENGTHS = [0, 1, 125, 126, 127, 900, 65_535, 65_536, 300_000];

test('messages of every length of header come whole and in order', async () => {
  const { server, url } = await webSocketServer();
  server.on('connection', (socket) => {
    for (const length of LENGTHS)
      socket.send(Buffer.alloc(length, 97), { binary: length % 2 === 0 });
  });
  const listener = new Listener();
  const client = await FrameSocket.connect(url, listener.onMessage);
  const heard = await listener.until(LENGTHS.length);
  assert.deepEqual(
    heard.map(({ text, isBinary }) => [text.length, isBinary]),
    LENGTHS.map((length) => [length, length % 2 === 0]),
  );
  assert.ok(heard.every(({ text }) => /^a*$/.test(text)));
  await client.close();
});

test('frames torn at any byte come whole', async () => {
  const { server, url: behind } = await webSocketServer();
  const texts = ['', 'x', 'y'.repeat(130), 'z'.repeat(70_000), 'end'];
  server.on('connection', (socket) => {
    for (const text of texts) socket.send(text);
  });
  const url = await tcpServer((socket) => {
    const upstream = connect(Number(new URL(behind).port), '127.0.0.1');
    socket.pipe(upstream);
    let bytes = 0;
    upstream.on('data', (chunk) => {
      for (let at = 0; at < chunk.length; ) {
        // Single bytes first, so that headers are torn; then larger pieces, so that the test ends.
        const end = at + (bytes < 2_000 ? 1 : 997);
        socket.write(chunk.subarray(at, end));
        bytes += end - at;
        at = end;
      }
    });
    socket.on('error', () => upstream.destroy());
    socket.on('close', () => upstream.destroy());
  });
  const listener = new Listener();
  const client = await FrameSocket.connect(url, listener.onMessage);
  const heard = await listener.until(texts.length);
  assert.deepEqual(
    heard.map(({ text }) => text),
    texts,
  );
  client.destroy();
});

test('a message in fragments is one, and a ping is answered', async () => {
  const { server, url } = await webSocketServer();
  const ponged = new Promise<string>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('pong', (data) => resolve(data.toString()));
      socket.send('one ', { fin: false });
      socket.ping('still there');
      socket.send('two ', { fin: false });
      socket.send('three', { fin: true });
    });
  });
  const listener = new Listener();
  const client = await FrameSocket.connect(url, listener.onMessage);
  assert.deepEqual(await listener.until(1), [{ text: 'one two three', isBinary: false }]);
  assert.equal(await ponged, 'still there');
  await client.close();
});

test('what is sent arrives: texts, and many finished frames in one write', async () => {
  const { server, url } = await webSocketServer();
  const received: string[] = [];
  const all = new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('message', (data) => {
        received.push(String(data));
        if (received.length === 101) resolve();
      });
    });
  });
  const client = await FrameSocket.connect(url, () => {});
  client.sendText('text');
  const frames = Buffer.alloc(10_000);
  let end = 0;
  for (let index = 0; index < 100; index++) {
    end = writeClientFrame(frames, end, Buffer.from(`frame ${index}`));
  }
  client.sendFrames(frames.subarray(0, end));
  await all;
  assert.deepEqual(received, [
    'text',
    ...Array.from({ length: 100 }, (_, index) => `frame ${index}`),
  ]);
  await client.close();
});

test('the other side closes with a code, or goes away without one', async () => {
  const { server, url } = await webSocketServer();
  let connections = 0;
  server.on('connection', (socket) => {
    if (connections++ === 0) socket.close(1008, 'no');
    else socket.terminate();
  });
  for (const expected of [1008, 1006]) {
    const client = await FrameSocket.connect(url, () => {});
    const code = await new Promise<number>((resolve) => {
      client.onClose = resolve;
    });
    assert.equal(code, expected);
    assert.equal(client.isOpen, false);
    client.sendText('nobody hears this');
    await client.close();
  }
});

test('a refused upgrade, a closed port and an endless answer are errors', async () => {
  const refusing = await tcpServer((socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  await assert.rejects(
    FrameSocket.connect(refusing, () => {}),
    UpgradeRefused,
  );
  const lying = await tcpServer((socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: wrong\r\n\r\n');
  });
  await assert.rejects(
    FrameSocket.connect(lying, () => {}),
    /accept key/,
  );
  const endless = await tcpServer((socket) => {
    socket.on('error', () => {});
    socket.write('a'.repeat(40_000));
  });
  await assert.rejects(
    FrameSocket.connect(endless, () => {}),
    UpgradeRefused,
  );
  const ending = await tcpServer((socket) => socket.end());
  await assert.rejects(
    FrameSocket.connect(ending, () => {}),
    UpgradeRefused,
  );
  await assert.rejects(
    FrameSocket.connect('http://127.0.0.1:1', () => {}),
    /ECONNREFUSED/,
  );
});
