// Words and commands as a shell reads them.
#pragma once

#include <string>
#include <string_view>

namespace inoculate {

/// `word` as a POSIX shell reads it back to the same bytes: as it stands where nothing in it means
/// anything to a shell, else in single quotes. Characters that a message would not show as they
/// are (see printable()) go through the shell's printf, which keeps all but newlines at the end.
std::string shell_quoted(std::string_view word);

/// A command to paste into a shell, put together word by word.
class CommandLine {
 public:
  /// `program` as a shell finds it, and its sub-command.
  CommandLine(std::string_view program, std::string_view sub_command);

  /// Adds an option with its value. Empty values stand for options that were not given.
  CommandLine& option(std::string_view name, std::string_view value);
  CommandLine& flag(std::string_view name, bool given = true);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// The name or path that this process was called by, for commands that its user is to paste.
/// "inoculate" until it is set.
const std::string& called_as();
void set_called_as(std::string_view program);

}  // namespace inoculate
