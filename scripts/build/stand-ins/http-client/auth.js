// Small, and loads nothing else: the real one as it is.
export * from 'real-http-client/lib/auth';
