/** `1 service`, `2 services`; a word with another plural has it given. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
