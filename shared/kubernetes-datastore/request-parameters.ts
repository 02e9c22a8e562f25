import type { ApiRequest } from './resource-access.ts';

/** A request with these parameters, which replace its own of the same names. Empty ones are left out. */
export function withParameters(request: ApiRequest, parameters: Readonly<Record<string, string>>): ApiRequest {
  const [path = '', query = ''] = request.path.split('?');
  const own = query.split('&').filter((one) => one !== '' && !Object.hasOwn(parameters, one.replace(/=.*/, '')));
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  const all = [...own, ...given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)].join('&');
  return { ...request, path: all === '' ? path : `${path}?${all}` };
}
