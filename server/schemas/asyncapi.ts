import type { TSchema } from 'typebox';
import { Components, type Json, type JsonObject } from './components.ts';
import { API_VERSION } from './openapi.ts';
import {
  nameOfMethod,
  replyOf,
  requestOf,
  type SocketMethod,
  SocketRefusal,
  StreamRefusal,
  SubscribedReply,
  SubscribeRequest,
  UnsubscribeRequest,
} from './socket-methods.ts';
import type { Stream } from './streams.ts';

const INTRODUCTION = `Streams and order entry over one websocket; \`/openapi.json\` has the same over HTTP. Requests
are JSON in text frames, or the same maps as msgpack in binary frames, and are answered alike. Requests of one session
are executed in the order in which they were sent; replies have their \`id\` and may overtake each other. Streams are
text frames.`;

const CHANNEL = { $ref: '#/channels/socket' };

/** The AsyncAPI 3 document of the websocket. */
export function asyncApiDocument(
  methods: readonly SocketMethod[],
  streams: readonly Stream[],
): JsonObject {
  const components = new Components();
  const messages: Record<string, Json> = {};
  const operations: Record<string, Json> = {};
  const message = (name: string, payload: TSchema, summary: string): Json => {
    messages[name] = { name, summary, payload: components.hoist(payload) };
    return { $ref: `#/channels/socket/messages/${name}` };
  };
  const refused = message('SocketRefusal', SocketRefusal, 'A refused request');
  const streamRefused = message('StreamRefusal', StreamRefusal, 'A refused subscription');
  const subscribed = message('SubscribedReply', SubscribedReply, 'A subscription with an id');
  for (const [name, payload, summary] of [
    ['Subscribe', SubscribeRequest, 'Subscribes to streams'],
    ['Unsubscribe', UnsubscribeRequest, 'Unsubscribes from streams'],
  ] as const) {
    const request = message(name, payload, summary);
    operations[name] = asked(summary, request, [subscribed, streamRefused]);
  }
  for (const method of methods) {
    const name = nameOfMethod(method);
    const request = message(name, requestOf(method), method.summary);
    const reply = message(`${name}Reply`, replyOf(method), `The reply of ${method.method}`);
    operations[name] = asked(method.summary, request, [reply, refused]);
  }
  for (const { name, summary, names, frame } of streams) {
    const title = names.map((text) => `\`${text}\``).join(', ');
    operations[name] = {
      ...{ action: 'send', channel: CHANNEL, summary, description: `Streams: ${title}.` },
      'x-stream-names': names,
      messages: [message(`${name}Frame`, frame, summary)],
    };
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Ringside',
      version: API_VERSION,
      description: INTRODUCTION,
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: { venue: { host: '127.0.0.1:8080', protocol: 'ws', description: 'This venue.' } },
    channels: { socket: { address: '/ws', summary: 'Also at the root.', messages } },
    operations,
    components: { schemas: components.schemas },
  };
}

function asked(summary: string, request: Json, replies: readonly Json[]): Json {
  const reply = { channel: CHANNEL, messages: replies };
  return { action: 'receive', channel: CHANNEL, summary, messages: [request], reply };
}
