#pragma once

#include <memory>

#include "net/admission/penalties.hpp"
#include "server/governor/login_rates.hpp"
#include "server/governor/pending_invitations.hpp"
#include "server/governor/quota_vault.hpp"
#include "server/governor/user_refusals.hpp"

namespace rtm::server {

/// What a server remembers of users and addresses beside their sessions. Any thread may call each of them.
struct KnownClients {
  std::unique_ptr<QuotaVault> quotas;               ///< what users have spent
  std::unique_ptr<LoginRates> logins;               ///< how often users and addresses log in
  std::unique_ptr<UserRefusals> refusals;           ///< users who are refused for a while
  std::unique_ptr<PendingInvitations> invitations;  ///< invitations that wait for an answer
  std::shared_ptr<net::Penalties> penalties;        ///< what addresses have done wrong
};

}  // namespace rtm::server
