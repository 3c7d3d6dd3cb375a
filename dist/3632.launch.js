"use strict";exports.id=3632,exports.ids=[3632],exports.modules={93632:(e,l,n)=>{n.r(l),n.d(l,{completion:()=>s});let o=["bash","zsh","fish"],c={bash:`# bash completion of launch
_launch_complete() {
  local kind line words=("$\{COMP_WORDS[@]:1:COMP_CWORD-1}")
  COMPREPLY=()
  if [[ $\{COMP_WORDS[COMP_CWORD]} == '=' ]]; then words+=('='); fi
  {
    IFS= read -r kind
    case $kind in
      files) compopt -o default ;;
      folders) compopt -o dirnames ;;
      *) while IFS= read -r line; do COMPREPLY+=("$\{line%%$'\\t'*}"); done ;;
    esac
  } 2>/dev/null < <(command launch __complete -- "$\{words[@]}" "$2" 2>/dev/null)
}
complete -F _launch_complete launch
`,zsh:`#compdef launch
_launch() {
  local line kind value
  local -a lines found
  lines=("$\{(@f)$(command launch __complete -- "$\{(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
  kind=$lines[1]
  case $kind in
    files) compset -P '--*='; _files ;;
    folders) compset -P '--*='; _files -/ ;;
    *)
      for line in "$\{(@)lines[2,-1]}"; do
        value=$\{line%%$'\\t'*}
        found+=("$\{value//:/\\\\:}:$\{line#*$'\\t'}")
      done
      _describe -t launch launch found
      ;;
  esac
}
if [ "$\{funcstack[1]}" = _launch ]; then _launch "$@"; else compdef _launch launch; fi
`,fish:`# fish completion of launch
function __launch_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command launch __complete -- $words[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current" ''
        case '*'
            for line in $lines[2..-1]
                echo $line
            end
    end
end
complete -c launch -f -a '(__launch_complete)'
`};var i=n(21021);async function s(e){let l=o.find(l=>l===e);if(void 0===l)throw new i.eb(`The shell is not one of ${o.join(", ")}.`);let n=c[l];return{json:{shell:l,script:n},print:()=>void process.stdout.write(n)}}}};
