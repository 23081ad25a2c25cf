#include "native/command_line.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/numbers.h"
#include "base/quote.h"
#include "native/text.h"

namespace inoculate {

std::string read_number_within(std::string& text, double low, double high) {
  const std::optional<double> value = parse_number(text);
  if (!value) return quote(text) + " is not a number; write one such as 0.1 or 8/255";
  if (*value < low || *value > high) {
    return quote(text) + " is not within " + exact(low) + " to " + exact(high);
  }
  text = exact(*value);
  return "";
}

Option Option::required() {
  option_->required();
  return *this;
}

Option Option::needs(Option other) {
  option_->needs(other.option_);
  return *this;
}

Option Option::excludes(Option other) {
  option_->excludes(other.option_);
  return *this;
}

Option Option::within(int low, int high) {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option Option::within(double low, double high) {
  option_->check(CLI::Range(low, high));
  return *this;
}

Option Option::number_within(double low, double high) {
  const auto read = [low, high](std::string& text) { return read_number_within(text, low, high); };
  option_->transform(CLI::Validator(read, "from " + exact(low) + " to " + exact(high), "NUMBER"));
  return *this;
}

Option Option::one_of(const std::vector<std::string>& words) {
  option_->check(CLI::IsMember(words));
  return *this;
}

Option Option::check(std::function<std::string(const std::string&)> refusal) {
  option_->check(std::move(refusal));
  return *this;
}

Option Option::expected(int count) {
  option_->expected(count);
  return *this;
}

Option Option::expected(int least, int most) {
  option_->expected(least, most);
  return *this;
}

Option Option::allow_extra_args(bool allow) {
  option_->allow_extra_args(allow);
  return *this;
}

Option Option::delimiter(char between) {
  option_->delimiter(between);
  return *this;
}

Option Option::show_default() {
  option_->capture_default_str();
  return *this;
}

Option Option::option_text(const std::string& text) {
  option_->option_text(text);
  return *this;
}

Option Option::group(const std::string& heading) {
  option_->group(heading);
  return *this;
}

bool Option::given() const { return option_->count() > 0; }

std::string Option::name() const { return option_->get_name(); }

std::string Command::name() const { return app_->get_name(); }

Command Command::add_subcommand(const std::string& name, const std::string& text) {
  return *app_->add_subcommand(name, text);
}

void Command::require_subcommand(int least, int most) {
  app_->require_subcommand(static_cast<std::size_t>(least), static_cast<std::size_t>(most));
}

bool Command::chose_subcommand() const { return !app_->get_subcommands().empty(); }

void Command::footer(const std::string& text) { app_->footer(text); }

namespace {

// CLI11 takes whole numbers for octal ones where they begin with 0, and too large ones for the
// largest.
std::string read_whole(std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (!digits) return "";  // which it refuses itself
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc()) return quote(text) + " is more than any whole number here";
  text = std::to_string(value);
  return "";
}

template <typename T>
constexpr bool kIsWhole =
    std::is_same_v<T, int> || std::is_same_v<T, std::uint64_t> ||
    std::is_same_v<T, std::optional<int>> || std::is_same_v<T, std::vector<int>>;

}  // namespace

template <typename T>
Option Command::add_option(const std::string& names, T& value, const std::string& text) {
  CLI::Option* option = app_->add_option(names, value, text);
  if constexpr (kIsWhole<T>) option->transform(CLI::Validator(read_whole, ""));
  return Option(*option);
}

Option Command::add_option_function(const std::string& names,
                                    std::function<void(const std::string&)> read,
                                    const std::string& text) {
  return Option(*app_->add_option_function<std::string>(names, read, text));
}

Option Command::add_flag(const std::string& names, bool& value, const std::string& text) {
  return Option(*app_->add_flag(names, value, text));
}

void Command::add_action(const std::string& names, std::function<void()> act,
                         const std::string& text) {
  app_->add_flag_callback(
      names,
      [act = std::move(act)] {
        act();
        throw CLI::Success();
      },
      text);
}

Option Command::get_option(const std::string& name) { return Option(*app_->get_option(name)); }

void Command::callback(std::function<void()> act) { app_->callback(std::move(act)); }

void Command::parse_complete_callback(std::function<void()> act) {
  app_->parse_complete_callback(std::move(act));
}

// What the commands read into.
template Option Command::add_option(const std::string&, int&, const std::string&);
template Option Command::add_option(const std::string&, float&, const std::string&);
template Option Command::add_option(const std::string&, double&, const std::string&);
template Option Command::add_option(const std::string&, std::uint64_t&, const std::string&);
template Option Command::add_option(const std::string&, std::string&, const std::string&);
template Option Command::add_option(const std::string&, std::optional<int>&, const std::string&);
template Option Command::add_option(const std::string&, std::optional<float>&, const std::string&);
template Option Command::add_option(const std::string&, std::optional<double>&, const std::string&);
template Option Command::add_option(const std::string&, std::vector<int>&, const std::string&);
template Option Command::add_option(const std::string&, std::vector<std::string>&,
                                    const std::string&);

}  // namespace inoculate
