#include "train/examples.h"

namespace inoculate {

ExampleSource examples_of(const Dataset& dataset) {
  return {dataset.size(), [&dataset](std::span<const std::int32_t> indices, Matrix& images,
                                     Labels& labels) { gather(dataset, indices, images, labels); }};
}

ExampleSource examples_of(const Matrix& images, const Labels& labels) {
  return {static_cast<int>(images.rows()), [&images, &labels](std::span<const std::int32_t> indices,
                                                              Matrix& batch, Labels& batch_labels) {
            batch.resize(static_cast<Eigen::Index>(indices.size()), images.cols());
            batch_labels.resize(indices.size());
            for (std::size_t i = 0; i < indices.size(); ++i) {
              batch.row(static_cast<Eigen::Index>(i)) = images.row(indices[i]);
              batch_labels[i] = labels[static_cast<std::size_t>(indices[i])];
            }
          }};
}

ExampleSource examples_of(ConstMatrixRef images, const Labels& labels,
                          const std::vector<int>& rows) {
  return {static_cast<int>(rows.size()),
          [images, &labels, &rows](std::span<const std::int32_t> indices, Matrix& batch,
                                   Labels& batch_labels) {
            batch.resize(static_cast<Eigen::Index>(indices.size()), images.cols());
            batch_labels.resize(indices.size());
            for (std::size_t i = 0; i < indices.size(); ++i) {
              const int row = rows[static_cast<std::size_t>(indices[i])];
              batch.row(static_cast<Eigen::Index>(i)) = images.row(row);
              batch_labels[i] = labels[static_cast<std::size_t>(row)];
            }
          }};
}

ExampleSource part_of(const ExampleSource& source, int begin, int end) {
  return {end - begin, [gather = source.gather, begin](std::span<const std::int32_t> indices,
                                                       Matrix& images, Labels& labels) {
            std::vector<std::int32_t> moved(indices.begin(), indices.end());
            for (std::int32_t& index : moved) index += begin;
            gather(moved, images, labels);
          }};
}

}  // namespace inoculate
