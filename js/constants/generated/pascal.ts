// Generated from models/registry.json by scripts/generate-models.mjs. Do not edit.

/** Classes of PASCAL VOC in the order of the model's output, and the key of the class map. */
export enum DeeplabLabel {
  BACKGROUND = 0,
  AEROPLANE = 1,
  BICYCLE = 2,
  BIRD = 3,
  BOAT = 4,
  BOTTLE = 5,
  BUS = 6,
  CAR = 7,
  CAT = 8,
  CHAIR = 9,
  COW = 10,
  DININGTABLE = 11,
  DOG = 12,
  HORSE = 13,
  MOTORBIKE = 14,
  PERSON = 15,
  POTTEDPLANT = 16,
  SHEEP = 17,
  SOFA = 18,
  TRAIN = 19,
  TVMONITOR = 20,
  /** No class: the key under which results hold the class of each pixel. */
  ARGMAX = 21,
}
