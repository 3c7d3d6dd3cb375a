// Stands for the table of file types in Nodemailer, 42 KB that only attachments need: it knows none, and says what the table
// says of those it does not know.
export function detectMimeType() {
  return 'application/octet-stream';
}

export function detectExtension() {
  return 'bin';
}
