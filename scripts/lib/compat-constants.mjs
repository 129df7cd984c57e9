// Constants whose declarations do not tell their values: {api: {name: value}}. Numbers and names, no sentences; prompts are ''.

const labelsOf = (entities) => [
  'O',
  ...entities.flatMap((one) => 'BIES'.split('').map((part) => `${part}-${one}`)),
];

const PRIVATE =
  'account_number private_address private_date private_email private_person private_phone private_url secret';
const NEMOTRON =
  'account_number age api_key bank_routing_number biometric_identifier blood_type certificate_license_number city company_name ' +
  'coordinate country county credit_debit_card customer_id cvv date date_of_birth date_time device_identifier education_level ' +
  'email employee_id employment_status fax_number first_name gender health_plan_beneficiary_number http_cookie ipv4 ipv6 ' +
  'language last_name license_plate mac_address medical_record_number national_id occupation password phone_number pin ' +
  'political_view postcode race_ethnicity religious_belief sexuality ssn state street_address swift_bic tax_id time unique_id ' +
  'url user_name vehicle_identifier';

/** Keys of a tokenizer's configuration. */
const tokens = (...names) =>
  Object.fromEntries(names.map((name) => [`${name}_TOKEN`, `${name.toLowerCase()}_token`]));

const FORMATS = { rgb: 3, bgr: 3, rgba: 4, bgra: 4, gray: 1 };

/** 'RGB2BGR' and the like; null where nothing changes. */
const conversion = (from, to) => (from === to ? null : `${from.toUpperCase()}2${to.toUpperCase()}`);
const CONVERSIONS = Object.fromEntries(
  Object.keys(FORMATS).map((from) => [
    from,
    Object.fromEntries(Object.keys(FORMATS).map((to) => [to, conversion(from, to)])),
  ]),
);

/** Milliseconds of silence after a sign. */
const PAUSES = {
  '.': 375,
  '?': 500,
  '!': 250,
  ';': 400,
  '…': 600,
  ',': 130,
  ':': 250,
  '-': 200,
  '—': 250,
  '|': 375,
  '।': 375,
  '॥': 500,
  '¿': 50,
  '¡': 50,
  '«': 50,
  '»': 100,
};

const CHAT = { systemPrompt: '', initialMessageHistory: [], contextWindowLength: 5 };

export const CONSTANTS = {
  0.6: {
    DEFAULT_CHAT_CONFIG: CHAT,
    SPECIAL_TOKENS: tokens('BOS', 'EOS', 'UNK', 'SEP', 'PAD', 'CLS', 'MASK'),
  },
  '0.10/legacy': {
    DEFAULT_CHAT_CONFIG: { ...CHAT, contextStrategy: {} },
    SPECIAL_TOKENS: tokens('BOS', 'EOS', 'EOT', 'UNK', 'SEP', 'PAD', 'CLS', 'MASK'),
  },
  '0.10': {
    PRIVACY_FILTER_NEMOTRON_LABELS: labelsOf(NEMOTRON.split(' ')),
    PRIVACY_FILTER_OPENAI_LABELS: labelsOf(PRIVATE.split(' ')),
  },
  '0.10/cv': { FORMAT_CHANNELS: FORMATS, FORMAT_CONVERSION: CONVERSIONS },
  '0.10/speech': { KOKORO_PAUSE_MS: PAUSES },
};
