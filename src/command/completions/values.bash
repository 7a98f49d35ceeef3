
# What the above does not know: values behind `=`, which bash takes for a word of its own, FORMAT=PATH, and files.
_audit_values() {
    local first=$COMP_CWORD cur=$2 option
    [[ $cur == "=" ]] && cur=""
    # Where the value begins, and whose it is.
    while ((first > 1)) && [[ ${COMP_WORDS[first]} == "=" || ${COMP_WORDS[first - 1]} == "=" ]]; do
        first=$((first - 1))
    done
    option=${COMP_WORDS[first - 1]}
    if ((first < COMP_CWORD)) && [[ ${COMP_WORDS[first]} == --* ]]; then
        option=${COMP_WORDS[first]}
        first=$((first + 2))
    fi
    COMPREPLY=()
    # Where there is no reply, bash completes files, and knows how to quote them.
    case $option in
        --config | --previous) ;;
        --output)
            if ((first >= COMP_CWORD)); then
                COMPREPLY=($(compgen -W "FORMATS" -- "$cur"))
                ((${#COMPREPLY[@]} == 0)) || compopt -o nospace 2>/dev/null
            fi
            ;;
        *)
            _audit "$1" "$cur" "$option"
            # These take files; who wants options types a dash.
            if [[ -z $cur && ${COMP_WORDS[1]} =~ ^(diff|merge|test)$ && ${COMPREPLY[0]} == -* ]]; then
                COMPREPLY=()
            fi
            ;;
    esac
}
