export function restEndpointMethods() {}
