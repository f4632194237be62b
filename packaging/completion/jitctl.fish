# SPDX-License-Identifier: MIT
# fish: what jitctl takes, asked of jitctl itself, so that it cannot be wrong.

complete -c jitctl -f
complete -c jitctl -n __fish_use_subcommand -a "(jitctl help --complete | awk -F'\t' '\$1 == \"command\" { print \$2 \"\t\" \$4 }')"
jitctl help --complete 2>/dev/null | while read -d \t -l kind command name value summary
    if test $kind = option
        set -l takes
        test -n "$value"; and set takes -x
        string match -q '*file' $name; and set takes -r -F
        complete -c jitctl -n "__fish_seen_subcommand_from $command" -l $name $takes -d "$summary"
    end
end
complete -c jitctl -n '__fish_seen_subcommand_from request configure' -a "(timeout 2 jitctl profiles 2>/dev/null | awk 'NR > 1 { print \$1 }')"
complete -c jitctl -n '__fish_seen_subcommand_from approve deny' -a "(timeout 2 jitctl pending 2>/dev/null | awk '/^r-/ { print \$1 }')"
complete -c jitctl -n '__fish_seen_subcommand_from end' -a "(timeout 2 jitctl status 2>/dev/null | awk '/^r-/ { print \$1 }')"
