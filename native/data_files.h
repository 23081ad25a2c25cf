// The files of a data set in a folder, under the names they go by.
#pragma once

#include <filesystem>

namespace inoculate {

enum class Split { kTrain, kTest };

enum class IdxPart { kImages, kLabels };

/// The IDX file of one part of a split in `folder`, raw or with .gz. MNIST's own names
/// (t10k-images-idx3-ubyte), those with a dot (t10k-images.idx3-ubyte), with "test" for "t10k",
/// and EMNIST's (emnist-digits-test-images-idx3-ubyte) are known, in `folder` itself or in its
/// MNIST/raw; each may be a folder that holds the file, as unpacking makes. Throws Error when there
/// is none, with what is there, or when there are several of EMNIST's.
std::filesystem::path find_idx_file(const std::filesystem::path& folder, Split split, IdxPart part);

}  // namespace inoculate
