# SPDX-License-Identifier: MIT
# fish: what jitctl takes, asked of jitctl itself, so that it cannot be wrong.

# The parameters of a profile, in the column between two headings.
function __jitctl_parameters
    timeout 2 jitctl profiles 2>/dev/null | awk -v profile=$argv[1] '
        NR == 1 { from = index($0, "PARAMETERS"); to = index($0, "LONGEST") }
        $1 == profile {
            count = split(substr($0, from, to - from), names, " ")
            for (i = 1; i <= count; i++) print names[i] "="
        }'
end

# __jitctl_at COMMAND... COUNT: that command, so many words behind it.
function __jitctl_at
    set -l words (commandline -opc)
    contains -- "$words[2]" $argv[1..-2]; and test (count $words) = (math 2 + $argv[-1])
end

complete -c jitctl -f
complete -c jitctl -n __fish_use_subcommand -a "(jitctl help --complete | awk -F'\t' '\$1 == \"command\" { print \$2 \"\t\" \$4 }')"
jitctl help --complete 2>/dev/null | while read -d \t -l kind command name value summary
    if test $kind = option
        set -l takes
        test -n "$value"; and set takes -x
        test "$value" = FILE; and set takes -r -F
        string match -q '*|*' -- "$value"; and set takes -x -a (string replace -a '|' ' ' -- $value)
        complete -c jitctl -n "__fish_seen_subcommand_from $command" -l $name $takes -d "$summary"
    end
end
complete -c jitctl -n '__jitctl_at request configure 0' -a "(timeout 2 jitctl profiles 2>/dev/null | awk 'NR > 1 { print \$1 }')"
complete -c jitctl -n '__fish_seen_subcommand_from request; and not __jitctl_at request 0' -a "(__jitctl_parameters (commandline -opc)[3])"
complete -c jitctl -n '__jitctl_at approve deny 0' -a "(timeout 2 jitctl pending 2>/dev/null | awk '/^r-/ { print \$1 }')"
complete -c jitctl -n '__fish_seen_subcommand_from end' -a "(timeout 2 jitctl status 2>/dev/null | awk '/^r-/ { print \$1 }')"
complete -c jitctl -n '__jitctl_at help 0' -a "(jitctl help --complete | awk -F'\t' '\$1 == \"command\" { print \$2 }')"
