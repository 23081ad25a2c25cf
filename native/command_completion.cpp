#include <iostream>
#include <memory>

#include "native/commands.h"
#include "native/completion.h"

namespace inoculate {

void add_completion(Command app, CommonOptions&) {
  Command command =
      app.add_subcommand("completion", "Print what a shell needs to complete this command's words");
  command.footer(
      "bash: source <(inoculate completion bash)\n"
      "zsh:  inoculate completion zsh > a folder of $fpath, as _inoculate\n"
      "fish: inoculate completion fish | source");
  command.require_subcommand(1, 1);
  for (const CompletedShell& shell : completed_shells()) {
    command.add_subcommand(shell.name, std::string("The script for ") + shell.name)
        .callback([app, &shell] { std::cout << shell.script(app.cli11()); });
  }
}

}  // namespace inoculate
