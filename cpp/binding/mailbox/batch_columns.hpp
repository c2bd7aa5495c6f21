#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "binding/mailbox/mailbox.hpp"
#include "binding/napi_setup.hpp"

namespace rtm::binding {

/// The arrays through which one JavaScript environment reads a batch of events, and through which the numbers of a
/// frequent call cross. V8 owns their memory; JavaScript keeps them in one object, the columns (`Columns` in
/// TypeScript). JavaScript thread only.
class BatchColumns {
 public:
  /// How many numbers a call may pass in the column of arguments.
  static constexpr std::size_t kArguments = 3;

  explicit BatchColumns(napi_env env) : env_(env) {}
  ~BatchColumns() = default;
  BatchColumns(const BatchColumns&) = delete;
  BatchColumns& operator=(const BatchColumns&) = delete;

  /// Finds the arrays of results and arguments in `columns`, and adds the arrays of a batch. False: Node refuses, or an
  /// array is missing.
  bool attach(napi_value columns);

  /// The batch that JavaScript has read. Null: there is none.
  std::unique_ptr<Chunk> takeBack() { return std::move(batch_); }
  /// Copies words and numbers of a batch into the columns, and keeps the batch for takeBytes(). Returns its text.
  napi_value show(std::unique_ptr<Chunk> batch);
  /// The byte slab of the shown batch, as an ArrayBuffer. Null: no batch, or Node refuses.
  napi_value takeBytes() const;
  /// A payload of the shown batch that has a buffer of its own.
  napi_value takeOwnBuffer(std::uint32_t index) const;

  /// Result of a call beside its return value.
  void setOut(double value) { *out_ = value; }
  /// The numbers that JavaScript wrote before the call: kArguments of them.
  const double* arguments() const { return arguments_; }

 private:
  template <typename T>
  struct Column {
    T* data = nullptr;
    std::size_t capacity = 0;
  };
  bool grow(std::size_t words, std::size_t numbers);
  template <typename T>
  bool replace(Column<T>& column, std::size_t capacity, napi_typedarray_type type, const char* name);

  const napi_env env_;
  napi_ref columns_ = nullptr;  ///< the object that holds the arrays, and so their memory
  Column<std::uint32_t> words_;
  Column<double> numbers_;
  double* out_ = nullptr;
  const double* arguments_ = nullptr;
  std::unique_ptr<Chunk> batch_;  ///< being read by JavaScript
};

}  // namespace rtm::binding
