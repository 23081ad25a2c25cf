// What the commands say of themselves to CLI11, compiled once: its own header takes the compiler
// nine seconds in each file that includes it, and fifteen with the sanitizers. What reads all
// commands (program.cpp, inner_command.cpp, completion.cpp) speaks to CLI11 itself.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace inoculate {

/// One option of a command: an argument such as --epsilon, or the operands. A copy is the same
/// option. Each function gives the option itself, so that they can be chained.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  Option required();
  Option needs(Option other);
  Option excludes(Option other);

  /// A number from `low` to `high`, both included.
  Option within(int low, int high);
  Option within(double low, double high);
  /// The same, which may be given as a fraction too, such as 8/255.
  Option number_within(double low, double high);
  Option one_of(const std::vector<std::string>& words);
  /// `refusal` says what is wrong with a text, or nothing.
  Option check(std::function<std::string(const std::string&)> refusal);

  /// How many values one use of the option takes.
  Option expected(int count);
  Option expected(int least, int most);
  /// Whether values may follow without the option's name before each.
  Option allow_extra_args(bool allow);
  /// Values may be given in one text, with this between them.
  Option delimiter(char between);

  /// Help shows what the variable holds now.
  Option show_default();
  /// What help shows in place of the type.
  Option option_text(const std::string& text);
  /// The heading under which help shows it.
  Option group(const std::string& heading);

  bool given() const;
  std::string name() const;

 private:
  CLI::Option* option_;
};

/// What Option::number_within does: replaces `text` by the number it stands for, or says what is
/// wrong with it.
std::string read_number_within(std::string& text, double low, double high);

/// A command, or the program, whose sub-commands they are. A copy is the same command.
class Command {
 public:
  // Not explicit: the program's commands are added to what CLI11 gave.
  Command(CLI::App& app) : app_(&app) {}

  std::string name() const;
  /// For what reads all commands and their options.
  CLI::App& cli11() const { return *app_; }

  Command add_subcommand(const std::string& name, const std::string& text);
  /// That a user must choose so many of them.
  void require_subcommand(int least, int most);
  /// Whether one was chosen, once the arguments are read.
  bool chose_subcommand() const;
  void footer(const std::string& text);

  /// An option whose text is read into `value`, of one of the types that the end of
  /// command_line.cpp lists. Names as CLI11 writes them: "--epsilon", or "file" of an operand.
  template <typename T>
  Option add_option(const std::string& names, T& value, const std::string& text);
  /// An option whose text `read` is given.
  Option add_option_function(const std::string& names, std::function<void(const std::string&)> read,
                             const std::string& text);
  Option add_flag(const std::string& names, bool& value, const std::string& text);
  /// A flag that does `act` instead of what the command does.
  void add_action(const std::string& names, std::function<void()> act, const std::string& text);
  Option get_option(const std::string& name);

  /// What the command does when it is chosen and all its options are read.
  void callback(std::function<void()> act);
  /// What is done before that, as soon as they are read.
  void parse_complete_callback(std::function<void()> act);

 private:
  CLI::App* app_;
};

}  // namespace inoculate
