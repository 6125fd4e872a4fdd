"""The configuration files of the mail server for tests (see mail.py): nothing of the system's /etc is read."""

import grp
import os
import pwd
from pathlib import Path
from typing import Protocol

_MAIL_USER = 5000  # owns the mailboxes; needs no entry in /etc/passwd
_QUEUES = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "pid"]
_QUEUES += ["private", "public", "saved", "trace"]


class Addresses(Protocol):
    """What the files say about one server: its folder, ports and limits."""

    folder: Path
    domain: str
    size_limit: int
    smtp_port: int
    submission_port: int
    imap_port: int
    lmtp_port: int
    auth_port: int


def write(server: Addresses) -> None:
    """Write all files and folders of `server`; again to change them."""
    folder = server.folder
    folder.chmod(0o755)
    (folder / "dovecot.conf").write_text(_DOVECOT.format(s=server, f=folder, uid=_MAIL_USER))
    _owned(folder / "mail", _MAIL_USER, _MAIL_USER)
    (folder / "users").mkdir(exist_ok=True)
    (folder / "postfix").mkdir(exist_ok=True)
    for name, text in ("main.cf", _MAIN.format(s=server, f=folder)), ("master.cf", _MASTER.format(s=server)):
        path = folder / "postfix" / name
        path.write_text(text)
        os.utime(path, (0, 0))  # Postfix waits until a file that it reads is two seconds old
    postfix, postdrop = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
    (folder / "queue").mkdir(exist_ok=True)
    for name in _QUEUES:
        owner = 0 if name == "pid" else postfix
        _owned(folder / "queue" / name, owner, postdrop if name in {"maildrop", "public"} else 0)
    (folder / "queue" / "public").chmod(0o710)
    (folder / "queue" / "maildrop").chmod(0o730)
    _owned(folder / "state", postfix, 0)


def _owned(path: Path, user: int, group: int) -> None:
    path.mkdir(exist_ok=True, mode=0o700)
    os.chown(path, user, group)


# LMTP asks the userdb whether a recipient exists; with a static one everybody does, and nothing ever bounces.
# There is a file for each user, because Dovecot looks at a changed one after a second only. Without the setting of
# anvil a wrong password costs seconds.
_DOVECOT = """\
base_dir = {f}/dovecot
log_path = {f}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_username_format = %Lu
mail_location = maildir:{f}/mail/%u
mail_uid = {uid}
mail_gid = {uid}
mail_fsync = never
mail_max_userip_connections = 0
lmtp_save_to_detail_mailbox = no
imap_idle_notify_interval = 29 mins
maildir_very_dirty_syncs = no
postmaster_address = postmaster@{s.domain}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%Lu {f}/users/%Lu
}}
userdb {{
  driver = passwd-file
  args = username_format=%Lu {f}/users/%Lu
  default_fields = uid={uid} gid={uid} home={f}/mail/%Lu
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {s.imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
  service_count = 0
  process_limit = 4
  client_limit = 1000
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {s.lmtp_port}
  }}
}}
service auth {{
  inet_listener smtp {{
    address = 127.0.0.1
    port = {s.auth_port}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

# No name is looked up, no header is added or rewritten, and no mail leaves: every domain is a virtual one of Dovecot's.
# A server for submission that starts while Dovecot is away ends at once, and Postfix then waits a minute by default.
_MAIN = """\
compatibility_level = 3.6
queue_directory = {f}/queue
data_directory = {f}/state
maillog_file = {f}/postfix.log
maillog_file_prefixes = {f}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.{s.domain}
mydomain = {s.domain}
myorigin = {s.domain}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_peername_lookup = no
local_header_rewrite_clients =
append_dot_mydomain = no
append_at_myorigin = no
message_size_limit = {s.size_limit}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = static:local
virtual_transport = lmtp:inet:127.0.0.1:{s.lmtp_port}
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
local_transport = error:no local users
virtual_destination_recipient_limit = 1
lmtp_destination_concurrency_limit = 10
lmtp_line_length_limit = 0
alias_maps =
alias_database =
smtpd_reject_unlisted_recipient = no
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{s.auth_port}
smtpd_sasl_security_options = noanonymous
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_tls_security_level = none
notify_classes =
biff = no
in_flow_delay = 0
service_throttle_time = 1s
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
lmtp_connect_timeout = 2s
bounce_queue_lifetime = 1m
maximal_queue_lifetime = 5m
"""

_MASTER = """\
127.0.0.1:{s.smtp_port} inet n - n - - smtpd
127.0.0.1:{s.submission_port} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
