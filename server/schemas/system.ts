import Type from 'typebox';
import type { Operation } from './operation.ts';
import { nullable, oneOf } from './values.ts';

const Status = Type.Object(
  {
    message: nullable(Type.String({ description: 'Which markets are halted.' })),
    status: oneOf(['Ok', 'Maintenance']),
  },
  { title: 'Status' },
);

const Document = Type.Record(Type.String(), Type.Unknown(), {
  title: 'Document',
  description: 'A JSON document of the specification that it names.',
});

const get = (path: string, operationId: string, summary: string) =>
  ({ method: 'get', path, operationId, tag: 'System', summary }) as const;

export const SYSTEM_OPERATIONS: readonly Operation[] = [
  { ...get('/', 'welcome', 'Where to begin'), answer: 'text' },
  {
    ...get('/api/v1/time', 'time', "The venue's clock"),
    description: 'Milliseconds since the epoch, as text.',
    answer: 'text',
  },
  { ...get('/api/v1/ping', 'ping', 'Whether the venue answers'), answer: 'text' },
  { ...get('/api/v1/status', 'status', 'Whether the venue takes orders'), answer: Status },
  { ...get('/openapi.json', 'openapi', 'This document: OpenAPI 3.1'), answer: Document },
  { ...get('/asyncapi.json', 'asyncapi', 'The websocket API: AsyncAPI 3'), answer: Document },
  { ...get('/docs', 'docs', 'Both documents as a page'), answer: 'html' },
];
