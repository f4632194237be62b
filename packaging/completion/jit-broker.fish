# SPDX-License-Identifier: MIT
# fish: what jit-broker takes, asked of jit-broker itself, so that it cannot be wrong.

complete -c jit-broker -f
complete -c jit-broker -f -n "not __fish_use_subcommand; and test (count (commandline -opc)) = 2" -a "(__fish_complete_directories)"
complete -c jit-broker -n __fish_use_subcommand -f -a "(jit-broker help --complete | awk -F'\t' '\$1 == \"command\" { print \$2 \"\t\" \$4 }')"
jit-broker help --complete 2>/dev/null | while read -d \t -l kind command name value summary
    if test $kind = option
        set -l takes
        test -n "$value"; and not string match -q '\[*' -- "$value"; and set takes -x
        complete -c jit-broker -n "__fish_seen_subcommand_from $command" -l $name $takes -d "$summary"
    end
end
complete -c jit-broker -f -n '__fish_seen_subcommand_from explain simulate policy; and test (count (commandline -opc)) = 3' -a "(jit-broker explain (commandline -opc)[3] 2>/dev/null | awk '{ print \$1 }')"
