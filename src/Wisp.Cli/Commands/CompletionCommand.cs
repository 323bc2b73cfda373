using System.CommandLine;

namespace Wisp.Cli.Commands;

// A shell's script asks the binary itself: `wisp "[suggest:POSITION]" "LINE"` prints one candidate per line (System.CommandLine's
// suggest directive). So the scripts never fall behind the commands.

/// <summary><c>wisp completion</c>: the script that teaches a shell to complete <c>wisp</c>.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _wisp_complete() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(wisp "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _wisp_complete wisp
        """;

    private const string Zsh = """
        #compdef wisp
        _wisp() {
            local -a candidates
            candidates=("${(@f)$(wisp "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            if (( ${#candidates} )) && [[ -n ${candidates[1]} ]]; then
                compadd -a candidates
            else
                _files
            fi
        }
        compdef _wisp wisp
        """;

    private const string Fish = """
        function __wisp_complete
            set -l line (commandline -cp)
            wisp "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c wisp -a '(__wisp_complete)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "The shell: bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new CommandWithExamples(
            "completion",
            "Print a script that completes wisp's commands and options in a shell.",
            """
            source <(wisp completion bash)
            wisp completion zsh > ~/.zfunc/_wisp
            wisp completion fish > ~/.config/fish/completions/wisp.fish
            """)
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetRequiredValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => Fish,
            });
            return ExitCode.Success;
        });
        return command;
    }
}
