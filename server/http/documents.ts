import { docsPage } from '../schemas/docs-page.ts';
import { asyncApi, openApi } from '../schemas/documents.ts';
import { type HttpReply, json, type Route } from './route.ts';

/** The page has its style within, and nothing else. */
const PAGE_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  'x-content-type-options': 'nosniff',
};

/** The API's descriptions: `/openapi.json`, `/asyncapi.json` and `/docs`, each made when first asked for. */
export function documentRoutes(): Route[] {
  return [
    once('/openapi.json', () => json(openApi())),
    once('/asyncapi.json', () => json(asyncApi())),
    once('/docs', () => ({
      status: 200,
      contentType: 'text/html; charset=utf-8',
      body: docsPage(openApi(), asyncApi()),
      headers: PAGE_HEADERS,
    })),
  ];
}

function once(path: string, make: () => HttpReply): Route {
  let made: HttpReply | undefined;
  const handle = (): HttpReply => {
    made ??= make();
    return made;
  };
  return { method: 'get', path, handle };
}
