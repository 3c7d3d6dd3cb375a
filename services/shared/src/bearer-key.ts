/** The key that a request comes with: `Authorization: Bearer <key>`. */
export function bearerKey(request: Request): string | undefined {
  const given = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(request.headers.get('authorization') ?? '');
  return given?.[1];
}
