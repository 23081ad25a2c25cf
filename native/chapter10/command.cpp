#include "native/chapter10/command.h"

#include <algorithm>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "native/chapter10/page.h"
#include "native/data_files.h"
#include "native/file_options.h"
#include "native/files.h"
#include "native/interrupt.h"
#include "native/output.h"
#include "native/shell.h"
#include "native/stopwatch.h"
#include "native/text.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string data, out = "chapter10", assets = "assets", photo, sections;
  bool quick = false;
};

std::vector<const ChapterSection*> wanted_sections(const std::string& names) {
  std::vector<const ChapterSection*> wanted;
  const std::vector<std::string> list = split_list(names);
  for (const std::string& name : list) {
    if (names.empty()) break;
    const auto& all = chapter_sections();
    if (std::any_of(all.begin(), all.end(), [&](auto& s) { return s.name == name; })) continue;
    std::string known;
    for (const ChapterSection& s : all) known += (known.empty() ? "" : ", ") + std::string(s.name);
    throw UsageError("--sections: " + quote(name) + " is none of them; there are " + known);
  }
  for (const ChapterSection& section : chapter_sections()) {
    if (names.empty() || std::find(list.begin(), list.end(), section.name) != list.end()) {
      wanted.push_back(&section);
    }
  }
  return wanted;
}

// The folder of the network of photographs: the given one, which must have it, or where ./run photo
// makes it, if it is there.
fs::path photo_folder(const std::string& given) {
  constexpr const char* kNetwork = "efficientnet_lite0.onnx";
  const fs::path folder = given.empty() ? fs::path("build/photo") : fs::path(given);
  std::error_code failure;
  if (fs::exists(folder / kNetwork, failure)) return folder;
  if (given.empty()) return {};
  throw Error(given + ": has no " + kNetwork +
              "; make it by ./run photo, which leaves it in "
              "build/photo, or leave --photo out");
}

fs::path assets_folder(const std::string& given) {
  std::error_code failure;
  for (const char* name : {"standard.safetensors", "robust.safetensors"}) {
    if (fs::exists(fs::path(given) / name, failure)) continue;
    throw Error(given + ": has no " + name + "; give --assets, the folder 'assets' of the sources");
  }
  return given;
}

std::string command_line(const Options& options, std::uint64_t seed) {
  CommandLine line("inoculate", "reproduce");
  line.flag("chapter10").option("--data", options.data);
  if (options.assets != "assets") line.option("--assets", options.assets);
  return line.option("--photo", options.photo)
      .option("--sections", options.sections)
      .flag("--quick", options.quick)
      .option("--seed", std::to_string(seed))
      .option("--out", options.out)
      .text();
}

void chapter10(const Options& options, const CommonOptions& common) {
  const auto wanted = wanted_sections(options.sections);
  const fs::path assets = assets_folder(options.assets), photo = photo_folder(options.photo);
  const auto data = find_data(options.data);
  const fs::path page = make_folder(options.out, "--out") / "index.html";
  check_files({{"--out", page}}, data_inputs(data, {Split::kTest}));
  Progress progress(std::cerr, stderr_style());
  const ChapterScene scene{data,          all_images(load_split(data, Split::kTest)),
                           assets,        photo,
                           options.quick, common.seed,
                           progress};
  const InterruptGuard guard;
  std::vector<PagePart> parts;
  Json json{{"seed", common.seed}, {"quick", options.quick}};
  for (const ChapterSection* section : wanted) {
    progress.begin(section->title);
    progress.pause();
    const auto begin = std::chrono::steady_clock::now();
    try {
      SectionResult result = section->run(scene);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      parts.push_back({section, std::move(result.html), took.count()});
      json["sections"][section->name] = std::move(result.json);
      json["sections"][section->name]["seconds"] = took.count();
    } catch (const Interrupted&) {
      throw Interrupted(parts.empty() ? "interrupted; nothing was written"
                                      : "interrupted; " + page.string() +
                                            " has the sections that were finished");
    }
    // After each, so that whoever stops a long run keeps what is there.
    const std::string html =
        chapter_page(parts, wanted.size(), scene, command_line(options, common.seed));
    write_file_atomically(page, Bytes(html.begin(), html.end()));
  }
  if (common.json) {
    print_object(json);
    return;
  }
  for (const PagePart& part : parts) {
    std::cout << part.section->name << ": " << part.section->title << " (" << part.section->book
              << "), " << duration_text(part.seconds) << '\n';
  }
  std::cout << "page: " << page.string() << '\n';
}

}  // namespace

void add_chapter10(Command reproduce, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = reproduce.add_subcommand(
      "chapter10", "\"GANs in Action\", chapter 10: each figure beside the book's, as one page");
  add_data_option(command, options->data);
  command.add_option("--out", options->out, "Folder for the page, index.html").show_default();
  command
      .add_option("--assets", options->assets,
                  "Folder of standard.safetensors and robust.safetensors, which come with the "
                  "sources")
      .show_default();
  command.add_option("--photo", options->photo,
                     "Folder of EfficientNet-Lite0 and photographs, as ./run photo makes it; "
                     "without it build/photo, if it is there");
  std::string names;
  for (const ChapterSection& s : chapter_sections()) {
    names += (names.empty() ? "" : ", ") + std::string(s.name);
  }
  command.add_option("--sections", options->sections,
                     "Only these, with commas between them: " + names);
  command.add_flag("--quick", options->quick,
                   "In seconds, with so few images that the figures mean little");
  add_common_options(command, common);
  command.callback([options, &common] { chapter10(*options, common); });
}

}  // namespace inoculate
