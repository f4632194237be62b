# SPDX-License-Identifier: MIT
# fish: what jit-broker takes, asked of jit-broker itself, so that it cannot be wrong.

complete -c jit-broker -f -a "(__fish_complete_directories)"
complete -c jit-broker -n __fish_use_subcommand -f -a "(jit-broker help --complete | awk -F'\t' '\$1 == \"command\" { print \$2 \"\t\" \$4 }')"
jit-broker help --complete 2>/dev/null | while read -d \t -l kind command name value summary
    if test $kind = option
        set -l takes
        test -n "$value"; and set takes -x
        complete -c jit-broker -n "__fish_seen_subcommand_from $command" -l $name $takes -d "$summary"
    end
end
