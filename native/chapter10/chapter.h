// "GANs in Action", chapter 10, section by section: the commands' own functions on real data, each
// figure beside the book's.
//
// J. Langr and V. Bok, "GANs in Action", Manning, 2019.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "native/commands.h"
#include "native/mnist.h"
#include "native/progress.h"

namespace inoculate {

/// What a section works with.
struct ChapterScene {
  std::filesystem::path data;    ///< MNIST's folder
  LabelledImages test;           ///< MNIST's test images
  std::filesystem::path assets;  ///< the folder of standard.safetensors and robust.safetensors
  std::filesystem::path photo;   ///< that of efficientnet_lite0.onnx and photographs; empty: none
  bool quick = false;            ///< a look at the page, in seconds, and not at the figures
  std::uint64_t seed = 1;
  Progress& progress;

  std::filesystem::path standard() const { return assets / "standard.safetensors"; }
  std::filesystem::path robust() const { return assets / "robust.safetensors"; }
  /// The first `count` test images, or all that there are.
  LabelledImages first(int count) const;
};

/// What a section leaves: its part of the page, and the figures as one object.
struct SectionResult {
  std::string html;
  Json json;
};

struct ChapterSection {
  const char* name;  ///< as --sections has it
  const char* title;
  const char* book;  ///< where it stands: "figure 10.1"
  SectionResult (*run)(const ChapterScene&);
};

/// All sections in the page's order. A new one is a file of this folder and a row here.
const std::vector<ChapterSection>& chapter_sections();

SectionResult confident_section(const ChapterScene& scene);
SectionResult noise_section(const ChapterScene& scene);
SectionResult landscape_section(const ChapterScene& scene);
SectionResult transfer_section(const ChapterScene& scene);
SectionResult manifold_section(const ChapterScene& scene);
SectionResult generator_section(const ChapterScene& scene);

}  // namespace inoculate
