"""What the Tab key completes, in bash, zsh and fish: click's answers, by scripts that also know ``--name=value``.

An answer of several kinds is joined: a palette is a preset or a file. What is only a file is left to the shell, which
knows of quotes, spaces and the home folder.
"""

from __future__ import annotations

from click.shell_completion import BashComplete, FishComplete, ZshComplete, add_completion_class

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' response completion type value is_file=
    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1")
    COMPREPLY=()
    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        case $type in
            plain) COMPREPLY+=("$value") ;;
            dir) compopt -o dirnames ;;
            file) is_file=1 ;;
        esac
    done
    if [[ $is_file && ${#COMPREPLY[@]} -gt 0 ]]; then
        compopt -o filenames
        COMPREPLY+=($(compgen -f -- "$2"))
    elif [[ $is_file ]]; then
        compopt -o default
    fi
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s
%(complete_func)s() {
    local -a response described plain
    local type key descr
    local -x COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT - 1)) %(complete_var)s=zsh_complete
    response=("${(@f)$(%(prog_name)s)}")
    compset -P '--[^=]##='
    for type key descr in $response; do
        case $type in
            plain) [[ $descr == _ ]] && plain+=("$key") || described+=("$key:$descr") ;;
            dir) _path_files -/ ;;
            file) _path_files -f ;;
        esac
    done
    (( $#described )) && _describe -V unsorted described
    (( $#plain )) && compadd -V unsorted -a plain
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = """\
function %(complete_func)s_join
    while read -l path
        string match -q -- '~/*' $argv[2]; and set path (string replace -- "$HOME/" '~/' $path)
        echo "$argv[1]$path"
    end
end
function %(complete_func)s
    set -l prefix (string match -r -- '^--[^=]+=' (commandline -ct))
    for completion in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -ct) \
%(prog_name)s)
        set -l parts (string split -m 1 ',' -- $completion)
        set -l path (string replace -r -- '^~/' "$HOME/" $parts[2])
        switch $parts[1]
            case plain
                echo "$prefix$parts[2]"
            case dir
                __fish_complete_directories $path | %(complete_func)s_join "$prefix" $parts[2]
            case file
                __fish_complete_path $path | %(complete_func)s_join "$prefix" $parts[2]
        end
    end
end
complete --no-files --command %(prog_name)s --arguments '(%(complete_func)s)'
"""


class _Bash(BashComplete):
    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Leave out the equals sign, which bash makes a word of its own."""
        words, incomplete = super().get_completion_args()
        return (words[:-1] if words[-1:] == ["="] else words), incomplete


class _Zsh(ZshComplete):
    source_template = _ZSH


class _Fish(FishComplete):
    source_template = _FISH


def teach_shells() -> None:
    """Answer the shells in place of click."""
    for kind in (_Bash, _Zsh, _Fish):
        add_completion_class(kind)
