/** Every event of the audit trail, with its meaning; subject and detail hold ids and codes only, never personal data. */
const auditEvents = {
  'visit.began': 'A person touched the screen. Subject: visit.',
  'visit.card-in-the-way': "A new visit waits because somebody's card lies on the reader. Subject: visit.",
  'visit.consented': 'The resident agreed to what the item collects. Subject: visit; detail: item.',
  'visit.consent-refused': 'The resident did not agree. Subject: visit; detail: item.',
  'identity.read': 'A card was read and fits. Subject: visit; detail: kind of card.',
  'identity.confirmed':
    'A worker saw the original of a document without a chip, and its zone was right. Subject: visit; detail: kind of document, worker.',
  'identity.refused': "A card or a document was read that can't be used. Subject: visit; detail: why.",
  'case.accepted': 'A case was committed. Subject: case; detail: item, visit.',
  'case.not-accepted': 'The store refused a case. Subject: visit; detail: why.',
  'case.rated': 'A case was rated or left unrated. Subject: case; detail: state.',
  'help.called': 'A worker was called. Subject: ticket; detail: visit.',
  'help.seen': 'A worker came. Subject: ticket; detail: visit.',
  'card.left-behind': 'A card lay on the reader ten seconds after the end. Names nobody.',
  'staff.signed-in': 'A worker signed in at the terminal. Subject: case, or visit before there is one; detail: worker.',
  'staff.pin-wrong': 'A wrong PIN was entered. Subject: case or visit.',
  'staff.locked': 'Signing in was locked after too many wrong PINs. Subject: case or visit.',
  'staff.left': 'A worker left without a decision. Subject: case or visit.',
  'case.confirmed': 'A worker confirmed the evidence. Subject: case; detail: worker.',
  'case.refused': 'A worker refused the verification. Subject: case; detail: worker.',
  'case.erased':
    'What is personal of a case was erased here, and the district was told to do the same. Subject: case; detail: entry.',
  'print.again':
    'A paper is printed again after a bad or unknown outcome; the earlier copy is void. Subject: job; detail: document, case.',
  'print.confirmed': 'The printer answered that the paper is out. Subject: job; detail: document, case.',
  'print.unknown': 'Nobody knows whether the paper is out. Subject: job; detail: document, case.',
  'print.failed': 'The paper is not out. Subject: job; detail: document, case.',
  'print.held':
    'A paper that was not out was held, at a visit’s end or at the start of the service. Subject: job; detail: document, case.',
  'visit.timed-out': 'The deadline passed. Subject: visit; detail: where.',
  'visit.left': 'The screen was wiped, card and papers are to be taken. Subject: visit.',
  'journal.retried':
    'Staff let an entry that the district could not use wait for it again. Subject: entry; detail: incarnation, seq.',
  'terminal.withdrawn': 'The district has withdrawn this terminal: it takes no new cases. Names nobody.',
  'terminal.readmitted': 'The district takes this terminal’s word again. Names nobody.',
  'key.changing': 'A new key of the terminal was made and waits for the gateway to take it. Names nobody; detail: why.',
  'key.changed': 'The gateway has taken the new key of the terminal. Names nobody.',
  'gateway-key.announced':
    'The gateway announced a key that follows its present one, which vouches for it. Names nobody; detail: key.',
  'district-key.changed':
    'The district gave another key: what is sealed from the next day or start on is for that one. Names nobody; detail: key.',
  'visit.ended': 'The visit is over and everything of it is wiped. Subject: visit; detail: from where.',
} as const;

export type AuditEventName = keyof typeof auditEvents;
