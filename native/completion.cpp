#include "native/completion.h"

#include <CLI/CLI.hpp>
#include <array>
#include <functional>
#include <vector>

#include "native/shell.h"

namespace inoculate {
namespace {

// What may stand at one place of a command line.
struct Choice {
  std::string word, text;
  bool takes_value = false;
  std::vector<std::string> values;  // all there are; none: a number or a file
};

// A command or sub-command: "inoculate attack fgsm".
struct Place {
  std::string path;
  std::vector<Choice> options, commands;
};

// CLI11 writes the values that an option can have into its type's name: "TEXT:{torch,keras}".
std::vector<std::string> values_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const auto begin = type.find('{'), end = type.find('}');
  if (begin == std::string::npos || end == std::string::npos) return {};
  return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

// Texts stand on one line, and in none of the shells' quotes.
std::string plain(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
    if (c == '\'') c = '`';
    if (c == ':') c = ',';
  }
  return text;
}

void add_places(std::vector<Place>& places, const CLI::App& command, const std::string& path) {
  Place place{path, {}, {}};
  for (const CLI::Option* option : command.get_options([](const CLI::Option*) { return true; })) {
    for (const std::string& name : option->get_lnames()) {
      place.options.push_back({"--" + name, plain(option->get_description()),
                               option->get_expected_max() > 0, values_of(*option)});
    }
  }
  const auto commands = command.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* sub : commands) {
    place.commands.push_back({sub->get_name(), plain(sub->get_description()), false, {}});
  }
  places.push_back(place);
  for (const CLI::App* sub : commands) add_places(places, *sub, path + ' ' + sub->get_name());
}

std::vector<Place> places_of(const CLI::App& program) {
  std::vector<Place> places;
  add_places(places, program, program.get_name());
  return places;
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  return CLI::detail::join(words, between);
}

std::vector<std::string> words_of(const std::vector<Choice>& choices) {
  std::vector<std::string> words;
  for (const Choice& choice : choices) words.push_back(choice.word);
  return words;
}

// Branches of a `case` on "PATH WORD", the same in bash and zsh: those of words that lead to a
// sub-command, and those of options whose value comes next.
std::string branches_to_commands(const std::vector<Place>& places) {
  std::vector<std::string> paths;
  for (std::size_t i = 1; i < places.size(); ++i) paths.push_back(shell_quoted(places[i].path));
  return "      " + joined(paths, " | ") + ") at+=\" $word\" ;;\n";
}

// `offer` and `end` stand before and after the values that are offered.
std::string branches_of_values(const std::vector<Place>& places, const char* offer, const char* end,
                               const char* offer_files) {
  std::string text;
  for (const Place& place : places) {
    std::vector<std::string> open;
    for (const Choice& option : place.options) {
      if (!option.takes_value) continue;
      const std::string pattern = shell_quoted(place.path + ' ' + option.word);
      if (option.values.empty()) {
        open.push_back(pattern);
      } else {
        text +=
            "    " + pattern + ") " + offer + joined(option.values, " ") + end + "; return ;;\n";
      }
    }
    if (!open.empty()) text += "    " + joined(open, " | ") + ") " + offer_files + "; return ;;\n";
  }
  return text;
}

std::string bash(const CLI::App& program) {
  const std::vector<Place> places = places_of(program);
  std::string text =
      "# bash completion of inoculate\n"
      "_inoculate_words() {\n"
      "  local IFS=' '\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
      "}\n"
      "_inoculate_files() {\n"
      "  mapfile -t COMPREPLY < <(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
      "  compopt -o filenames 2>/dev/null\n"
      "}\n"
      "_inoculate() {\n"
      "  local at=inoculate word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$at $word\" in\n" +
      branches_to_commands(places) +
      "    esac\n"
      "  done\n"
      "  case \"$at ${COMP_WORDS[COMP_CWORD-1]}\" in\n" +
      branches_of_values(places, "_inoculate_words '", "'", "_inoculate_files") +
      "  esac\n"
      "  local words=''\n"
      "  case $at in\n";
  for (const Place& place : places) {
    std::vector<std::string> words = words_of(place.commands);
    for (const std::string& option : words_of(place.options)) words.push_back(option);
    text += "    " + shell_quoted(place.path) + ") words='" + joined(words, " ") + "' ;;\n";
  }
  return text +
         "  esac\n"
         "  _inoculate_words \"$words\"\n"
         "  ((${#COMPREPLY[@]})) || _inoculate_files\n"
         "}\n"
         "complete -F _inoculate inoculate\n";
}

std::string zsh(const CLI::App& program) {
  const std::vector<Place> places = places_of(program);
  std::string text =
      "#compdef inoculate\n"
      "_inoculate() {\n"
      "  local at=inoculate word\n"
      "  local -a choices\n"
      "  for word in ${words[2,CURRENT-1]}; do\n"
      "    case \"$at $word\" in\n" +
      branches_to_commands(places) +
      "    esac\n"
      "  done\n"
      "  case \"$at ${words[CURRENT-1]}\" in\n" +
      branches_of_values(places, "compadd -- ", "", "_files") +
      "  esac\n"
      "  case $at in\n";
  for (const Place& place : places) {
    text += "    " + shell_quoted(place.path) + ") choices=(";
    for (const auto* list : {&place.commands, &place.options}) {
      for (const Choice& choice : *list)
        text += "\n      '" + choice.word + ':' + choice.text + '\'';
    }
    text += ") ;;\n";
  }
  return text +
         "  esac\n"
         "  _describe inoculate choices || _files\n"
         "}\n"
         "compdef _inoculate inoculate\n";
}

std::string fish(const CLI::App& program) {
  const std::vector<Place> places = places_of(program);
  std::string text =
      "# fish completion of inoculate\n"
      "function __inoculate_at\n"
      "  set -l at inoculate\n"
      "  for word in (commandline -opc)[2..]\n"
      "    switch \"$at $word\"\n";
  for (std::size_t i = 1; i < places.size(); ++i) {
    text += "      case " + shell_quoted(places[i].path) + "\n        set at \"$at $word\"\n";
  }
  text +=
      "    end\n"
      "  end\n"
      "  test \"$at\" = \"$argv[1]\"\n"
      "end\n";
  for (const Place& place : places) {
    const std::string here = "complete -c inoculate -n \"__inoculate_at '" + place.path + "'\" ";
    for (const Choice& command : place.commands) {
      text += here + "-f -a '" + command.word + "' -d '" + command.text + "'\n";
    }
    for (const Choice& option : place.options) {
      text += here + "-l '" + option.word.substr(2) + '\'';
      if (option.takes_value) text += " -r";
      if (!option.values.empty()) text += " -f -a '" + joined(option.values, " ") + '\'';
      text += " -d '" + option.text + "'\n";
    }
  }
  return text;
}

constexpr std::array kShells{CompletedShell{"bash", bash}, CompletedShell{"zsh", zsh},
                             CompletedShell{"fish", fish}};

}  // namespace

std::span<const CompletedShell> completed_shells() { return kShells; }

}  // namespace inoculate
