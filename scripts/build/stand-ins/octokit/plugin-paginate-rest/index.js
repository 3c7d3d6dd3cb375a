export function paginateRest() {}
