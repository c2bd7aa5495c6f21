// Both invitation machines as tables, every state with every input, at a clock that the rows set
// (docs/spec/semantics.md §7).

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/invitations/invitation_machine.hpp"

namespace rtm::client {
namespace {

constexpr InvitationTiming kTiming;  // 30 s, 60 s, 10 s
constexpr std::uint64_t kBegan = 1'000'000;
constexpr std::uint64_t kAcceptedAt = kBegan + 45'000;

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string refusal(int code) {
  return "returns " + std::to_string(code);
}

// ---------------------------------------------------------------------------------------------------------------------
// The caller

enum class CallerIn {
  Send,
  Cancel,
  Delivered,
  CalleeOffline,
  CannotDeliver,  // for another reason than that the callee is offline
  Accepted,
  Refused,
  Tick29999,  // milliseconds after the send
  Tick30000,
  Tick59999,
  Tick60000,
  LoggedOut,
};

std::string describe(const LocalStep& step) {
  std::vector<std::string> parts;
  if (step.sendInvite) parts.emplace_back("INVITE");
  if (step.sendCancel) parts.emplace_back("CANCEL");
  if (step.sendAcceptAck) parts.emplace_back("ACCEPT_ACK");
  switch (step.report) {
    case LocalStep::Report::None:
      break;
    case LocalStep::Report::ReceivedByPeer:
      parts.emplace_back("onReceivedByPeer");
      break;
    case LocalStep::Report::Canceled:
      parts.emplace_back("onCanceled");
      break;
    case LocalStep::Report::Failure:
      parts.push_back("onFailure " + std::to_string(static_cast<int>(step.error)));
      break;
    case LocalStep::Report::Accepted:
      parts.emplace_back("onAccepted");
      break;
    case LocalStep::Report::Refused:
      parts.emplace_back("onRefused");
      break;
  }
  return joined(parts);
}

/// The effect of one input on a machine, as text: "returns 3" for a refused call, else the actions.
const std::map<CallerIn, std::function<std::string(LocalInvitationMachine&)>>& callerInputs() {
  using Machine = LocalInvitationMachine;
  const auto tick = [](std::uint64_t age) {
    return [age](Machine& m) { return describe(m.tick(kBegan + age, kTiming)); };
  };
  static const std::map<CallerIn, std::function<std::string(Machine&)>> kInputs = {
      {CallerIn::Send,
       [](Machine& m) {
         LocalStep step;
         const int code = static_cast<int>(m.send(kBegan, step));
         return code != 0 ? refusal(code) : describe(step);
       }},
      {CallerIn::Cancel,
       [](Machine& m) {
         LocalStep step;
         const int code = static_cast<int>(m.cancel(step));
         return code != 0 ? refusal(code) : describe(step);
       }},
      {CallerIn::Delivered, [](Machine& m) { return describe(m.delivered()); }},
      {CallerIn::CalleeOffline,
       [](Machine& m) {
         m.undelivered(true);
         return std::string();
       }},
      {CallerIn::CannotDeliver,
       [](Machine& m) {
         m.undelivered(false);
         return std::string();
       }},
      {CallerIn::Accepted, [](Machine& m) { return describe(m.acceptedByRemote()); }},
      {CallerIn::Refused, [](Machine& m) { return describe(m.refusedByRemote()); }},
      {CallerIn::Tick29999, tick(29'999)},
      {CallerIn::Tick30000, tick(30'000)},
      {CallerIn::Tick59999, tick(59'999)},
      {CallerIn::Tick60000, tick(60'000)},
      {CallerIn::LoggedOut, [](Machine& m) { return describe(m.loggedOut()); }},
  };
  return kInputs;
}

/// Ways into each state; two into SENT, since the failure tells whether the callee was offline.
const std::map<std::string_view, std::vector<CallerIn>>& callerStarts() {
  static const std::map<std::string_view, std::vector<CallerIn>> kStarts = {
      {"idle", {}},
      {"sent", {CallerIn::Send}},
      {"sent, callee offline", {CallerIn::Send, CallerIn::CalleeOffline}},
      {"sent, callee back", {CallerIn::Send, CallerIn::CalleeOffline, CallerIn::CannotDeliver}},
      {"received", {CallerIn::Send, CallerIn::Delivered}},
      {"accepted", {CallerIn::Send, CallerIn::Delivered, CallerIn::Accepted}},
      {"refused", {CallerIn::Send, CallerIn::Delivered, CallerIn::Refused}},
      {"canceled", {CallerIn::Send, CallerIn::Cancel}},
      {"failed", {CallerIn::Send, CallerIn::LoggedOut}},
  };
  return kStarts;
}

struct CallerRow {
  std::string_view from;
  std::vector<CallerIn> in;
  LocalInvitationState to;
  std::string_view effects;
};

std::vector<CallerRow> callerTable() {
  const std::vector<CallerIn> kSignalsAndTime = {CallerIn::Delivered, CallerIn::CalleeOffline, CallerIn::CannotDeliver,
                                                 CallerIn::Refused,   CallerIn::Tick29999,     CallerIn::Tick30000,
                                                 CallerIn::Tick59999, CallerIn::Tick60000,     CallerIn::LoggedOut};
  constexpr auto kIdle = LocalInvitationState::Idle;
  constexpr auto kSent = LocalInvitationState::SentToRemote;
  constexpr auto kReceived = LocalInvitationState::ReceivedByRemote;
  constexpr auto kAccepted = LocalInvitationState::AcceptedByRemote;
  constexpr auto kRefused = LocalInvitationState::RefusedByRemote;
  constexpr auto kCanceled = LocalInvitationState::Canceled;
  constexpr auto kFailed = LocalInvitationState::Failure;
  std::vector<CallerRow> table = {
      {"idle", {CallerIn::Send}, kSent, "INVITE"},
      {"idle", {CallerIn::Cancel}, kIdle, "returns 2"},
      {"idle", {CallerIn::Accepted}, kIdle, ""},
      {"idle", kSignalsAndTime, kIdle, ""},

      {"received", {CallerIn::Send}, kReceived, "returns 5"},
      {"received", {CallerIn::Cancel}, kCanceled, "CANCEL, onCanceled"},
      {"received", {CallerIn::Accepted}, kAccepted, "ACCEPT_ACK, onAccepted"},
      {"received", {CallerIn::Refused}, kRefused, "onRefused"},
      {"received",
       {CallerIn::Delivered, CallerIn::CalleeOffline, CallerIn::CannotDeliver, CallerIn::Tick29999, CallerIn::Tick30000,
        CallerIn::Tick59999},
       kReceived,
       ""},
      {"received", {CallerIn::Tick60000}, kFailed, "onFailure 3"},
      {"received", {CallerIn::LoggedOut}, kFailed, "onFailure 4"},

      // A repeated acceptance is confirmed again: the first confirmation may have been lost.
      {"accepted", {CallerIn::Accepted}, kAccepted, "ACCEPT_ACK"},
      {"accepted", {CallerIn::Send, CallerIn::Cancel}, kAccepted, "returns 3"},
      {"accepted", kSignalsAndTime, kAccepted, ""},
      {"refused", {CallerIn::Send, CallerIn::Cancel}, kRefused, "returns 3"},
      {"refused", {CallerIn::Accepted}, kRefused, ""},
      {"refused", kSignalsAndTime, kRefused, ""},
      // An acceptance that crosses the cancellation is not confirmed: the callee hears of the cancellation instead.
      {"canceled", {CallerIn::Send, CallerIn::Cancel}, kCanceled, "returns 3"},
      {"canceled", {CallerIn::Accepted}, kCanceled, ""},
      {"canceled", kSignalsAndTime, kCanceled, ""},
      {"failed", {CallerIn::Send, CallerIn::Cancel}, kFailed, "returns 3"},
      {"failed", {CallerIn::Accepted}, kFailed, ""},
      {"failed", kSignalsAndTime, kFailed, ""},
  };
  for (const auto& [from, failure] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"sent", "onFailure 2"}, {"sent, callee offline", "onFailure 1"}, {"sent, callee back", "onFailure 2"}}) {
    table.insert(table.end(),
                 {
                     {from, {CallerIn::Send}, kSent, "returns 5"},
                     {from, {CallerIn::Cancel}, kCanceled, "CANCEL, onCanceled"},
                     {from, {CallerIn::Delivered}, kReceived, "onReceivedByPeer"},
                     {from, {CallerIn::CalleeOffline, CallerIn::CannotDeliver, CallerIn::Tick29999}, kSent, ""},
                     // The callee's answer may overtake the news that it has the invitation.
                     {from, {CallerIn::Accepted}, kAccepted, "ACCEPT_ACK, onAccepted"},
                     {from, {CallerIn::Refused}, kRefused, "onRefused"},
                     {from, {CallerIn::Tick30000, CallerIn::Tick59999, CallerIn::Tick60000}, kFailed, failure},
                     {from, {CallerIn::LoggedOut}, kFailed, "onFailure 4"},
                 });
  }
  return table;
}

TEST(LocalInvitationMachine, FollowsTheTableForEveryStateAndInput) {
  std::map<std::pair<std::string_view, CallerIn>, int> covered;
  for (const CallerRow& row : callerTable()) {
    for (const CallerIn in : row.in) {
      SCOPED_TRACE(std::string(row.from) + ", input " + std::to_string(static_cast<int>(in)));
      ++covered[{row.from, in}];
      LocalInvitationMachine machine;
      for (const CallerIn each : callerStarts().at(row.from)) callerInputs().at(each)(machine);
      const bool wasEnded = machine.ended();
      EXPECT_EQ(callerInputs().at(in)(machine), row.effects);
      EXPECT_EQ(machine.state(), row.to);
      EXPECT_TRUE(!wasEnded || machine.ended()) << "an end is final";
      EXPECT_NE(machine.active(), machine.ended() || row.to == LocalInvitationState::Idle);
    }
  }
  for (const auto& [from, way] : callerStarts()) {
    for (const auto& [in, input] : callerInputs()) {
      EXPECT_EQ((covered[{from, in}]), 1) << from << ", input " << static_cast<int>(in) << ": one row each";
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// The callee

enum class CalleeIn {
  Received,
  Accept,
  Refuse,
  Confirmed,
  CanceledByCaller,
  CrowdedOut,
  Tick54999,  // milliseconds after the arrival; an acceptance came at 45,000
  Tick55000,
  Tick59999,
  Tick60000,
  LoggedOut,
};

std::string describe(const RemoteStep& step) {
  std::vector<std::string> parts;
  if (step.sendAccept) parts.emplace_back("ACCEPT");
  if (step.sendRefuse) parts.emplace_back("REFUSE");
  switch (step.report) {
    case RemoteStep::Report::None:
      break;
    case RemoteStep::Report::Received:
      parts.emplace_back("onReceived");
      break;
    case RemoteStep::Report::Accepted:
      parts.emplace_back("onAccepted");
      break;
    case RemoteStep::Report::Refused:
      parts.emplace_back("onRefused");
      break;
    case RemoteStep::Report::Canceled:
      parts.emplace_back("onCanceled");
      break;
    case RemoteStep::Report::Failure:
      parts.push_back("onFailure " + std::to_string(static_cast<int>(step.error)));
      break;
  }
  return joined(parts);
}

const std::map<CalleeIn, std::function<std::string(RemoteInvitationMachine&)>>& calleeInputs() {
  using Machine = RemoteInvitationMachine;
  const auto tick = [](std::uint64_t age) {
    return [age](Machine& m) { return describe(m.tick(kBegan + age, kTiming)); };
  };
  static const std::map<CalleeIn, std::function<std::string(Machine&)>> kInputs = {
      {CalleeIn::Received, [](Machine& m) { return describe(m.received(kBegan)); }},
      {CalleeIn::Accept,
       [](Machine& m) {
         RemoteStep step;
         const int code = static_cast<int>(m.accept(kAcceptedAt, step));
         return code != 0 ? refusal(code) : describe(step);
       }},
      {CalleeIn::Refuse,
       [](Machine& m) {
         RemoteStep step;
         const int code = static_cast<int>(m.refuse(step));
         return code != 0 ? refusal(code) : describe(step);
       }},
      {CalleeIn::Confirmed, [](Machine& m) { return describe(m.acceptanceConfirmed()); }},
      {CalleeIn::CanceledByCaller, [](Machine& m) { return describe(m.canceledByCaller()); }},
      {CalleeIn::CrowdedOut, [](Machine& m) { return describe(m.crowdedOut()); }},
      {CalleeIn::Tick54999, tick(54'999)},
      {CalleeIn::Tick55000, tick(55'000)},
      {CalleeIn::Tick59999, tick(59'999)},
      {CalleeIn::Tick60000, tick(60'000)},
      {CalleeIn::LoggedOut, [](Machine& m) { return describe(m.loggedOut()); }},
  };
  return kInputs;
}

const std::map<std::string_view, std::vector<CalleeIn>>& calleeStarts() {
  static const std::map<std::string_view, std::vector<CalleeIn>> kStarts = {
      {"idle", {}},
      {"received", {CalleeIn::Received}},
      {"accepting", {CalleeIn::Received, CalleeIn::Accept}},
      {"refused", {CalleeIn::Received, CalleeIn::Refuse}},
      {"accepted", {CalleeIn::Received, CalleeIn::Accept, CalleeIn::Confirmed}},
      {"canceled", {CalleeIn::Received, CalleeIn::CanceledByCaller}},
      {"failed", {CalleeIn::Received, CalleeIn::LoggedOut}},
  };
  return kStarts;
}

struct CalleeRow {
  std::string_view from;
  std::vector<CalleeIn> in;
  RemoteInvitationState to;
  std::string_view effects;
};

std::vector<CalleeRow> calleeTable() {
  const std::vector<CalleeIn> kSignalsAndTime = {CalleeIn::Received,   CalleeIn::Confirmed, CalleeIn::CanceledByCaller,
                                                 CalleeIn::CrowdedOut, CalleeIn::Tick54999, CalleeIn::Tick55000,
                                                 CalleeIn::Tick59999,  CalleeIn::Tick60000, CalleeIn::LoggedOut};
  const std::vector<CalleeIn> kCalls = {CalleeIn::Accept, CalleeIn::Refuse};
  constexpr auto kIdle = RemoteInvitationState::Idle;
  constexpr auto kReceived = RemoteInvitationState::InvitationReceived;
  constexpr auto kAccepting = RemoteInvitationState::AcceptSentToLocal;
  constexpr auto kRefused = RemoteInvitationState::Refused;
  constexpr auto kAcceptedEnd = RemoteInvitationState::Accepted;
  constexpr auto kCanceled = RemoteInvitationState::Canceled;
  constexpr auto kFailed = RemoteInvitationState::Failure;
  return {
      {"idle", {CalleeIn::Received}, kReceived, "onReceived"},
      {"idle", kCalls, kIdle, "returns 2"},
      {"idle",
       {CalleeIn::Confirmed, CalleeIn::CanceledByCaller, CalleeIn::CrowdedOut, CalleeIn::Tick54999, CalleeIn::Tick55000,
        CalleeIn::Tick59999, CalleeIn::Tick60000, CalleeIn::LoggedOut},
       kIdle,
       ""},

      {"received", {CalleeIn::Accept}, kAccepting, "ACCEPT"},
      {"received", {CalleeIn::Refuse}, kRefused, "REFUSE, onRefused"},
      {"received", {CalleeIn::CanceledByCaller}, kCanceled, "onCanceled"},
      {"received",
       {CalleeIn::Received, CalleeIn::Confirmed, CalleeIn::Tick54999, CalleeIn::Tick55000, CalleeIn::Tick59999},
       kReceived,
       ""},
      {"received", {CalleeIn::Tick60000, CalleeIn::CrowdedOut}, kFailed, "onFailure 3"},
      {"received", {CalleeIn::LoggedOut}, kFailed, "onFailure 1"},

      {"accepting", kCalls, kAccepting, "returns 4"},
      {"accepting", {CalleeIn::Confirmed}, kAcceptedEnd, "onAccepted"},
      // The caller's cancellation was first, or the caller would have confirmed.
      {"accepting", {CalleeIn::CanceledByCaller}, kCanceled, "onCanceled"},
      {"accepting", {CalleeIn::Received, CalleeIn::Tick54999}, kAccepting, ""},
      {"accepting", {CalleeIn::Tick55000, CalleeIn::Tick59999, CalleeIn::Tick60000}, kFailed, "onFailure 2"},
      {"accepting", {CalleeIn::CrowdedOut}, kFailed, "onFailure 3"},
      {"accepting", {CalleeIn::LoggedOut}, kFailed, "onFailure 1"},

      {"refused", kCalls, kRefused, "returns 3"},
      {"refused", kSignalsAndTime, kRefused, ""},
      {"accepted", kCalls, kAcceptedEnd, "returns 3"},
      {"accepted", kSignalsAndTime, kAcceptedEnd, ""},
      {"canceled", kCalls, kCanceled, "returns 3"},
      {"canceled", kSignalsAndTime, kCanceled, ""},
      {"failed", kCalls, kFailed, "returns 3"},
      {"failed", kSignalsAndTime, kFailed, ""},
  };
}

TEST(RemoteInvitationMachine, FollowsTheTableForEveryStateAndInput) {
  std::map<std::pair<std::string_view, CalleeIn>, int> covered;
  for (const CalleeRow& row : calleeTable()) {
    for (const CalleeIn in : row.in) {
      SCOPED_TRACE(std::string(row.from) + ", input " + std::to_string(static_cast<int>(in)));
      ++covered[{row.from, in}];
      RemoteInvitationMachine machine;
      for (const CalleeIn each : calleeStarts().at(row.from)) calleeInputs().at(each)(machine);
      const bool wasEnded = machine.ended();
      EXPECT_EQ(calleeInputs().at(in)(machine), row.effects);
      EXPECT_EQ(machine.state(), row.to);
      EXPECT_TRUE(!wasEnded || machine.ended()) << "an end is final";
    }
  }
  for (const auto& [from, way] : calleeStarts()) {
    for (const auto& [in, input] : calleeInputs()) {
      EXPECT_EQ((covered[{from, in}]), 1) << from << ", input " << static_cast<int>(in) << ": one row each";
    }
  }
}

}  // namespace
}  // namespace rtm::client
