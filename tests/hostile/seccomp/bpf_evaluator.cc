#include "tests/hostile/seccomp/bpf_evaluator.h"

#include <array>
#include <cstring>

namespace holdfast::policy {
namespace {

class Machine {
 public:
  Machine(std::span<const sock_filter> program, const seccomp_data& call)
      : program_(program), call_(call) {}

  std::optional<std::uint32_t> run() {
    while (next_ < program_.size()) {
      const sock_filter& instruction = program_[next_++];
      if (BPF_CLASS(instruction.code) == BPF_RET) {
        return BPF_RVAL(instruction.code) == BPF_A ? accumulator_ : instruction.k;
      }
      if (!step(instruction)) {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

 private:
  bool step(const sock_filter& instruction) {
    switch (BPF_CLASS(instruction.code)) {
      case BPF_LD:
        return load(instruction, accumulator_);
      case BPF_LDX:
        return BPF_MODE(instruction.code) != BPF_ABS && load(instruction, index_);
      case BPF_ST:
        return store(instruction, accumulator_);
      case BPF_STX:
        return store(instruction, index_);
      case BPF_ALU:
        return compute(instruction);
      case BPF_JMP:
        return jump(instruction);
      case BPF_MISC:
        (BPF_MISCOP(instruction.code) == BPF_TAX ? index_ : accumulator_) =
            BPF_MISCOP(instruction.code) == BPF_TAX ? accumulator_ : index_;
        return true;
      default:
        return false;
    }
  }

  bool load(const sock_filter& instruction, std::uint32_t& into) {
    switch (BPF_MODE(instruction.code)) {
      case BPF_IMM:
        into = instruction.k;
        return true;
      case BPF_MEM:
        if (instruction.k >= memory_.size()) {
          return false;
        }
        into = memory_[instruction.k];
        return true;
      case BPF_ABS:
        if (instruction.k % 4 != 0 || instruction.k + 4 > sizeof call_) {
          return false;
        }
        std::memcpy(&into, reinterpret_cast<const char*>(&call_) + instruction.k, 4);
        return true;
      default:
        return false;
    }
  }

  bool store(const sock_filter& instruction, std::uint32_t value) {
    if (instruction.k >= memory_.size()) {
      return false;
    }
    memory_[instruction.k] = value;
    return true;
  }

  bool compute(const sock_filter& instruction) {
    const std::uint32_t operand = BPF_SRC(instruction.code) == BPF_X ? index_ : instruction.k;
    switch (BPF_OP(instruction.code)) {
      case BPF_AND:
        accumulator_ &= operand;
        return true;
      case BPF_OR:
        accumulator_ |= operand;
        return true;
      case BPF_ADD:
        accumulator_ += operand;
        return true;
      case BPF_SUB:
        accumulator_ -= operand;
        return true;
      case BPF_RSH:
        accumulator_ >>= operand & 31U;
        return true;
      case BPF_LSH:
        accumulator_ <<= operand & 31U;
        return true;
      default:
        return false;
    }
  }

  bool jump(const sock_filter& instruction) {
    const std::uint32_t operand = BPF_SRC(instruction.code) == BPF_X ? index_ : instruction.k;
    bool taken = false;
    switch (BPF_OP(instruction.code)) {
      case BPF_JA:
        next_ += instruction.k;
        return true;
      case BPF_JEQ:
        taken = accumulator_ == operand;
        break;
      case BPF_JGT:
        taken = accumulator_ > operand;
        break;
      case BPF_JGE:
        taken = accumulator_ >= operand;
        break;
      case BPF_JSET:
        taken = (accumulator_ & operand) != 0;
        break;
      default:
        return false;
    }
    next_ += taken ? instruction.jt : instruction.jf;
    return true;
  }

  std::span<const sock_filter> program_;
  const seccomp_data& call_;
  std::size_t next_ = 0;
  std::uint32_t accumulator_ = 0;
  std::uint32_t index_ = 0;
  std::array<std::uint32_t, BPF_MEMWORDS> memory_{};
};

}  // namespace

std::optional<std::uint32_t> evaluate(std::span<const sock_filter> program,
                                      const seccomp_data& call) {
  return Machine(program, call).run();
}

}  // namespace holdfast::policy
