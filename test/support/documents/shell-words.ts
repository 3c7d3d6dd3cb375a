// The simple commands of a piece of shell, as words: enough for what documents show, no shell.

/** Each command's words, quotes taken away; those inside of `$(…)` are commands of their own. */
export function shellCommands(text: string): string[][] {
  const commands: string[][] = [];
  new Reader(text.replaceAll('\\\n', ' '), commands).read(0);
  return commands.map(withoutPrefix).filter((words) => words.length > 0);
}

/** Reads one level of substitution. */
class Reader {
  readonly #text: string;
  readonly #commands: string[][];
  #words: string[] = [];
  #word: string | undefined;
  #inQuotes = false;
  /** The next word is the file of a redirection. */
  #dropsNext = false;
  /** What ends the document that begins with the next line. */
  #heredoc: string | undefined;

  constructor(text: string, commands: string[][]) {
    this.#text = text;
    this.#commands = commands;
  }

  /** @returns where the parenthesis that closes it is, or the end. */
  read(from: number): number {
    let at = from;
    while (at < this.#text.length && (this.#inQuotes || this.#text[at] !== ')')) at = this.#step(at);
    this.#endCommand();
    return at;
  }

  #step(at: number): number {
    const rest = this.#text.slice(at);
    if (rest.startsWith('$(')) {
      const end = new Reader(this.#text, this.#commands).read(at + 2);
      this.#add('…');
      return end + 1;
    }
    if (rest.startsWith('"')) {
      this.#inQuotes = !this.#inQuotes;
      this.#add('');
      return at + 1;
    }
    if (rest.startsWith('\\')) {
      this.#add(rest[1] ?? '');
      return at + 2;
    }
    if (!this.#inQuotes) return at + this.#plain(rest);
    this.#add(rest[0] ?? '');
    return at + 1;
  }

  /** @returns how many characters it has taken. */
  #plain(rest: string): number {
    const isBegin = this.#word === undefined;
    const comment = isBegin ? /^#[^\n]*/.exec(rest)?.[0] : undefined;
    if (comment !== undefined) return comment.length;
    const [quoted, inside = ''] = /^'([^']*)'/.exec(rest) ?? [];
    if (quoted !== undefined) {
      this.#add(inside);
      return quoted.length;
    }
    const redirection = (
      isBegin ? /^(\d?[<>]&\d|&>>?|\d?>>?|\d?<<<|\d?<<-?|\d?<)/ : /^([<>]&\d|&>>?|>>?|<<<|<<-?|<)/
    ).exec(rest)?.[0];
    if (redirection !== undefined)
      return redirection.length + this.#redirect(redirection, rest.slice(redirection.length));
    if (rest.startsWith('\n')) return this.#endLine(rest);
    if (/^[ \t]/.test(rest)) this.#endWord();
    else if (/^[;&|(]/.test(rest)) this.#endCommand();
    else this.#add(rest[0] ?? '');
    return 1;
  }

  /** @returns how many characters behind the sign it has taken. */
  #redirect(sign: string, behind: string): number {
    this.#endWord();
    if (!/<<-?$/.test(sign)) {
      this.#dropsNext = !/&\d$/.test(sign);
      return 0;
    }
    const [all = '', name] = /^\s*['"]?(\w+)['"]?/.exec(behind) ?? [];
    this.#heredoc = name;
    return all.length;
  }

  #endLine(rest: string): number {
    this.#endCommand();
    const end = this.#heredoc === undefined ? 0 : rest.indexOf(`\n${this.#heredoc}`);
    const taken = end + (this.#heredoc?.length ?? 0) + 1;
    this.#heredoc = undefined;
    return end < 0 ? rest.length : taken;
  }

  #add(text: string): void {
    this.#word = (this.#word ?? '') + text;
  }

  #endWord(): void {
    if (this.#word === undefined) return;
    if (!this.#dropsNext) this.#words.push(this.#word);
    this.#dropsNext = false;
    this.#word = undefined;
  }

  #endCommand(): void {
    this.#endWord();
    if (this.#words.length > 0) this.#commands.push(this.#words);
    this.#words = [];
  }
}

/** Without what may stand before a command: keywords, assignments, programs that run another. */
function withoutPrefix(words: readonly string[]): string[] {
  const from = words.findIndex(
    (word) => !/^(if|then|else|elif|while|until|do|!|time|exec|sudo|\{|\}|\w+=.*)$/s.test(word),
  );
  return from < 0 ? [] : words.slice(from);
}
