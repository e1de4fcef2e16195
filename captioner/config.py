"""Frozen settings of every part of the engine, checked when they are made; importing this never imports torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from captioner.settings import Settings, require

Fit = Literal["squeeze", "crop"]
Cell = Literal["lstm", "gru", "rnn"]
Attention = Literal["soft", "hard", "none_first", "none_every"]
Gate = Literal["scalar", "vector", "none"]
TextLevel = Literal["word", "char"]
Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "float32", "bfloat16"]
TrainingPrecision = Literal["auto", "float32", "bfloat16", "float64"]
Method = Literal["beam", "sample"]
Optimiser = Literal["adamw", "adam", "sgd"]
ScheduleKind = Literal["cosine", "constant", "step", "plateau"]
Baseline = Literal["leave_one_out", "greedy"]
Metric = Literal["cider", "bleu_4", "rouge_l", "loss"]

MAX_WORDS = 200
MAX_LAYERS = 4
MAX_SEED = 2**63 - 1
ENCODER_WIDTHS = frozenset(
    (256, 320, 440, 512, 576, 768, 784, 888, 912, 960, 1024, 1280, 1408, 1512, 1536, 1792, 1920, 2048, 2208)
)
"""Widths of what the encoders of `captioner.encoder_registry.ENCODERS` give, known here without torch."""
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderConfig(Settings):
    """The CNN that turns a photograph into a grid of features, and how photographs are prepared for it.

    Attributes
    ----------
    name
        A name of `captioner.encoder_registry.ENCODERS`.
    input_size
        Side in pixels of the square that the network sees; a multiple of the encoder's stride.
    fit
        ``squeeze`` shows the whole photograph, its sides scaled apart; ``crop`` the central square.
    mean, std
        Per channel, subtracted from and divided into RGB values in [0, 1].
    """

    name: str = "stepped_resnet18"
    input_size: int = 224
    fit: Fit = "squeeze"
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)

    def _check_ranges(self) -> None:
        require(32 <= self.input_size <= 2048, f"input_size must be 32 to 2048, not {self.input_size}.")
        require(all(value > 0 for value in self.std), "std must be above 0 in every channel.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderConfig(Settings):
    """The recurrent decoder of Xu et al. 2015 (arXiv:1502.03044) and its sizes.

    Attributes
    ----------
    encoder_dim
        Width D of one feature.
    project_dim
        Width that features are projected to (linear, layer norm) before attention; 0 leaves them as they are.
    embed_dim, decoder_dim, attention_dim
        Widths of word embeddings, hidden state, and the space in which attention scores are formed.
    cell
        ``lstm``, ``gru``, or the vanilla ``rnn`` with tanh; see `captioner.cells`.
    layers
        Recurrent layers, each fed by the states of the one below.
    attention
        ``soft``: the mean of all places, weighted. ``hard``: one place, drawn in training; the weighted mean when
        captions are written. Without attention the mean of all places, one vector per image, shapes the first state
        (``none_first``) or enters every step as well (``none_every``); the weights of the places are then all alike.
    attend_to_words
        Attention knows the word before, and not only the state before that word (the paper's way is False). Like
        `attention_dim`, without meaning where there is no attention.
    gate
        Xu's beta: one ``scalar`` per step, one value per channel (``vector``), or ``none``. Without meaning under
        ``none_first``, where nothing of the image enters the steps.
    deep_output
        Predict from embedding, state and context (Xu, eq. 7) instead of from the state alone.
    tied_embeddings
        The output layer shares its matrix with the word embeddings.
    dropout
        Probability, applied to embeddings, between layers, and to state and context before the output layer.
    """

    encoder_dim: int = 320
    project_dim: int = 512
    embed_dim: int = 256
    decoder_dim: int = 512
    attention_dim: int = 256
    cell: Cell = "lstm"
    layers: int = 1
    attention: Attention = "soft"
    attend_to_words: bool = True
    gate: Gate = "scalar"
    deep_output: bool = True
    tied_embeddings: bool = True
    dropout: float = 0.5

    @property
    def summary(self) -> str:
        """A few words for people, such as ``LSTM 512 with soft attention``."""
        size = f"{self.layers} x {self.decoder_dim}" if self.layers > 1 else str(self.decoder_dim)
        attention = {
            "soft": "with soft attention",
            "hard": "with hard attention",
            "none_first": "without attention, the image in its first state",
            "none_every": "without attention, the image in every step",
        }
        return f"{self.cell.upper()} {size} {attention[self.attention]}"

    def _check_ranges(self) -> None:
        for name in ("encoder_dim", "embed_dim", "decoder_dim", "attention_dim"):
            require(1 <= getattr(self, name) <= 16384, f"{name} must be 1 to 16384, not {getattr(self, name)}.")
        require(1 <= self.layers <= MAX_LAYERS, f"layers must be 1 to {MAX_LAYERS}, not {self.layers}.")
        require(0 <= self.project_dim <= 16384, f"project_dim must be 0 to 16384, not {self.project_dim}.")
        require(0 <= self.dropout < 1, f"dropout must be at least 0 and below 1, not {self.dropout}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingOptions(Settings):
    """How words are chosen.

    Attributes
    ----------
    method
        ``beam`` search (greedy when `beam_size` is 1) or ``sample``.
    beam_size
        Captions kept alive per image; when sampling, captions drawn per image.
    length_penalty
        Captions are ranked by ``sum(log p) / n ** length_penalty``, n counting the tokens: words (or characters, in
        a model that spells) and the end.
    min_length, max_length
        Least and most words in a caption.
    temperature, top_k, top_p
        For sampling: divisor of the logits; keep the k most likely words (0: all); keep the smallest set of
        words whose probability reaches p (1: all).
    seed
        For sampling; the same seed, image and options give the same caption.
    no_repeat_ngram_size
        No n-gram of this many words occurs twice in a caption; 0 allows all.
    word_alternatives
        How many most likely words are reported at each step; models that spell their words report none.
    """

    method: Method = "beam"
    beam_size: int = 3
    length_penalty: float = 1.0
    min_length: int = 1
    max_length: int = 24
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    no_repeat_ngram_size: int = 0
    word_alternatives: int = 5

    def _check_ranges(self) -> None:
        require(1 <= self.beam_size <= 50, f"The beam size must be 1 to 50, not {self.beam_size}.")
        require(-5 <= self.length_penalty <= 5, f"The length penalty must be -5 to 5, not {self.length_penalty}.")
        require(
            0 <= self.min_length <= self.max_length <= MAX_WORDS,
            f"Lengths must satisfy 0 <= min <= max <= {MAX_WORDS}, not {self.min_length} and {self.max_length}.",
        )
        require(self.max_length >= 1, "The maximum length must be at least 1.")
        require(0.01 <= self.temperature <= 100, f"The temperature must be 0.01 to 100, not {self.temperature}.")
        require(0 <= self.seed <= MAX_SEED, f"The seed must be 0 to 2^63 - 1, not {self.seed}.")
        require(self.top_k >= 0, f"top-k must be 0 or more, not {self.top_k}.")
        require(0 < self.top_p <= 1, f"top-p must be above 0 and at most 1, not {self.top_p}.")
        require(self.no_repeat_ngram_size >= 0, "The n-gram size that may not repeat must be 0 or more.")
        require(0 <= self.word_alternatives <= 50, "Alternatives per word must be 0 to 50.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig(Settings):
    """A whole captioning model: encoder, decoder and the decoding options it was tuned for.

    Attributes
    ----------
    encoder
        None where nobody knows what made the features that the decoder learned from; such a model captions features
        and no photographs.
    decoder, decoding
        The decoder, and how it chooses words.
    """

    encoder: EncoderConfig | None = field(default_factory=EncoderConfig)
    decoder: DecoderConfig = field(default_factory=DecoderConfig)
    decoding: DecodingOptions = field(default_factory=DecodingOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCriticalConfig(Settings):
    """The second stage of training, on CIDEr-D (Rennie et al. 2017, arXiv:1612.00563).

    Attributes
    ----------
    epochs
        Passes over all images; 0 leaves the stage out.
    samples
        Captions drawn per image.
    baseline
        What the reward of a drawn caption is compared with: the mean of the others drawn for its image
        (``leave_one_out``, which needs two or more) or the caption that greedy decoding finds (``greedy``).
    images_per_batch
        Images per step.
    bleu_weight
        The reward of a caption is its CIDEr-D plus this times the mean of its BLEU-1 to 4. CIDEr-D alone drifts towards
        short captions of rare words.
    recall_weight
        Added to it as well: this times the mean of its words' precision and recall in which recall weighs more, as in
        METEOR (`captioner.metrics.unigram_f`). Captions grow fuller.
    learning_rate
        Peak rate; the schedule is that of the first stage.
    start_share
        Share of the weights the stage began with in the decoder that is evaluated and kept, the rest being their
        running average (Wortsman et al. 2022, arXiv:2109.01903). What the first stage learned of words of the
        references and the second of whole captions is then both there, at no cost.
    """

    epochs: int = 0
    samples: int = 5
    baseline: Baseline = "leave_one_out"
    bleu_weight: float = 0.0
    recall_weight: float = 0.0
    images_per_batch: int = 16
    learning_rate: float = 1e-4
    start_share: float = 0.0

    def _check_ranges(self) -> None:
        require(self.epochs >= 0, f"self_critical epochs must be 0 or more, not {self.epochs}.")
        require(1 <= self.samples <= 50, f"self_critical samples must be 1 to 50, not {self.samples}.")
        require(
            self.samples >= 2 or self.baseline == "greedy",
            "A single drawn caption has no others to be compared with. Raise self_critical samples to 2 or more, or "
            "set its baseline to greedy.",
        )
        require(self.bleu_weight >= 0, "self_critical bleu_weight must be 0 or more.")
        require(self.recall_weight >= 0, "self_critical recall_weight must be 0 or more.")
        require(self.images_per_batch >= 1, "self_critical images_per_batch must be 1 or more.")
        require(0 < self.learning_rate <= 10, "self_critical learning_rate must be above 0 up to 10.")
        require(0 <= self.start_share < 1, "self_critical start_share must be at least 0 and below 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class HardAttentionConfig(Settings):
    """How hard attention is trained (Xu et al. 2015, section 4.1, eq. 11-12); without effect on other attention.

    Attributes
    ----------
    reward_weight
        Lambda_r, the weight of the reward of the places that were drawn.
    entropy_weight
        Lambda_e, the weight of the entropy of the distribution over places, which keeps it from closing too early.
    baseline_decay
        The baseline of the reward is a moving average of log p: ``b <- decay b + (1 - decay) log p``.
    """

    reward_weight: float = 1.0
    entropy_weight: float = 0.002
    baseline_decay: float = 0.9

    def _check_ranges(self) -> None:
        require(0 <= self.reward_weight <= 100, "hard_attention reward_weight must be 0 to 100.")
        require(0 <= self.entropy_weight <= 100, "hard_attention entropy_weight must be 0 to 100.")
        require(0 <= self.baseline_decay < 1, "hard_attention baseline_decay must be at least 0 and below 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig(Settings):
    """How a decoder is trained on features.

    Attributes
    ----------
    decoder
        The decoder to train; its `encoder_dim` is taken from the features.
    level
        Whether the model writes ``word`` by word or spells, ``char`` by character.
    seed
        Seed of weights, order, views, dropout and whatever else is drawn.
    epochs
        Passes over all captions; training stops earlier when `patience` runs out. 0 leaves this stage out, where
        training starts from a model and self-critical epochs follow.
    batch_size
        Captions per step.
    optimiser
        ``adamw``, ``adam``, or ``sgd`` with Nesterov's `momentum`.
    learning_rate, weight_decay
        Peak rate; decay of matrices, which is apart from the gradient in ``adamw`` and part of it in the others.
    betas
        Of ``adamw`` and ``adam``.
    momentum
        Of ``sgd``.
    schedule
        After the warm-up the rate falls as a ``cosine`` to zero, stays ``constant``, is multiplied by `decay_factor`
        after every `decay_epochs` (``step``), or whenever the dev metric has not improved for that many (``plateau``).
    warmup_fraction
        Share of all steps in which the rate rises linearly to its peak.
    decay_factor, decay_epochs
        Of the schedules ``step`` and ``plateau``.
    clip_norm, clip_value
        Upper bound of the norm of all gradients together, or of the size of each of their numbers; 0 does not clip.
    bptt_steps
        Truncated back-propagation through time: states carry no gradient across every so many tokens. All parts of
        a caption still make one step together. 0 never truncates.
    scheduled_sampling
        Share of words that the model chose itself which it is fed in the last epoch in place of those of the reference
        (Bengio et al. 2015, arXiv:1506.03099); the share rises linearly from 0 in the first.
    label_smoothing
        Share of the target probability spread over all words.
    doubly_stochastic_weight
        Lambda of Xu's penalty, eq. 14; without effect where there is no attention.
    hard_attention
        Weights of the loss of hard attention.
    average_decay
        Decay per step of the running average of weights that is evaluated and kept; 0 keeps the last weights.
    use_views
        Train on the extra views (mirrored, cropped) of the feature file as well, one drawn per caption and epoch.
    views_from_epoch
        First epoch that does so; those of the second stage count on from the `epochs` of the first. A short training
        learns more from the plain images at first.
    min_word_count
        Words (or characters) that occur less often in the training captions become ``<unk>``.
    max_caption_length
        Training captions are cut after this many words.
    dev_share
        Share of the images that choose the best epoch and are not trained on, where neither dev features nor splits
        say which these are: 1 to 1000 of them, and none of fewer than 10. 0 holds out none.
    choose_by
        The dev metric that chooses the best epoch: ``cider``, ``bleu_4``, ``rouge_l``, or the dev ``loss``.
    patience
        Epochs without a better dev metric before a stage stops; 0 never stops early.
    evaluate_from_epoch
        First epoch after which all dev images are captioned and scored; after earlier ones only a few samples are
        captioned.
    device
        Where the decoder is trained.
    precision
        ``bfloat16`` runs matrix products in bf16 under autocast; ``auto`` does so where the device has it.
        ``float64`` is slow, and for tests of exactness.
    self_critical
        A second stage, which begins with the best weights of the first.
    decoding
        How dev captions are generated.
    """

    decoder: DecoderConfig = field(default_factory=DecoderConfig)
    level: TextLevel = "word"
    seed: int = 1
    epochs: int = 10
    batch_size: int = 80
    optimiser: Optimiser = "adamw"
    learning_rate: float = 1.2e-3
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.98)
    momentum: float = 0.9
    schedule: ScheduleKind = "cosine"
    warmup_fraction: float = 0.1
    decay_factor: float = 0.5
    decay_epochs: int = 2
    clip_norm: float = 2.0
    clip_value: float = 0.0
    bptt_steps: int = 0
    scheduled_sampling: float = 0.0
    label_smoothing: float = 0.05
    doubly_stochastic_weight: float = 1.0
    hard_attention: HardAttentionConfig = field(default_factory=HardAttentionConfig)
    average_decay: float = 0.999
    use_views: bool = True
    views_from_epoch: int = 1
    min_word_count: int = 5
    max_caption_length: int = 24
    dev_share: float = 0.1
    choose_by: Metric = "cider"
    patience: int = 4
    evaluate_from_epoch: int = 3
    device: Device = "cpu"
    precision: TrainingPrecision = "auto"
    self_critical: SelfCriticalConfig = field(default_factory=SelfCriticalConfig)
    decoding: DecodingOptions = field(default_factory=DecodingOptions)

    def _check_ranges(self) -> None:
        self._check_optimisation()
        require(0 <= self.seed <= MAX_SEED, f"The seed must be 0 to 2^63 - 1, not {self.seed}.")
        require(
            self.epochs >= (0 if self.self_critical.epochs else 1),
            f"epochs must be 1 or more, not {self.epochs}; 0 is for a model that was trained before, where "
            "self_critical epochs follow.",
        )
        require(self.batch_size >= 1, f"batch_size must be 1 or more, not {self.batch_size}.")
        require(self.bptt_steps >= 0, f"bptt_steps must be 0 or more, not {self.bptt_steps}.")
        require(0 <= self.scheduled_sampling <= 1, "scheduled_sampling must be 0 to 1.")
        require(0 <= self.label_smoothing < 1, "label_smoothing must be at least 0 and below 1.")
        require(self.doubly_stochastic_weight >= 0, "doubly_stochastic_weight must be 0 or more.")
        require(0 <= self.average_decay < 1, "average_decay must be at least 0 and below 1.")
        require(self.min_word_count >= 1, "min_word_count must be 1 or more.")
        require(1 <= self.max_caption_length <= MAX_WORDS, f"max_caption_length must be 1 to {MAX_WORDS}.")
        require(0 <= self.dev_share <= 0.5, f"dev_share must be 0 to 0.5, not {self.dev_share}.")
        require(self.patience >= 0, "patience must be 0 or more.")
        require(self.views_from_epoch >= 1, "views_from_epoch must be 1 or more.")
        require(self.evaluate_from_epoch >= 1, "evaluate_from_epoch must be 1 or more.")
        require(
            self.device != "mps" or self.precision != "float64",
            "The device mps cannot compute in float64. Choose the device cpu or another precision.",
        )

    def _check_optimisation(self) -> None:
        require(0 < self.learning_rate <= 10, f"learning_rate must be above 0 up to 10, not {self.learning_rate}.")
        require(self.weight_decay >= 0, f"weight_decay must be 0 or more, not {self.weight_decay}.")
        require(all(0 <= beta < 1 for beta in self.betas), "Each of betas must be at least 0 and below 1.")
        require(0 <= self.momentum < 1, "momentum must be at least 0 and below 1.")
        require(0 <= self.warmup_fraction < 1, "warmup_fraction must be at least 0 and below 1.")
        require(0 < self.decay_factor < 1, "decay_factor must be above 0 and below 1.")
        require(self.decay_epochs >= 1, f"decay_epochs must be 1 or more, not {self.decay_epochs}.")
        require(self.clip_norm >= 0, f"clip_norm must be 0 or more, not {self.clip_norm}.")
        require(self.clip_value >= 0, f"clip_value must be 0 or more, not {self.clip_value}.")
        require(
            not (self.clip_norm and self.clip_value),
            "Gradients are clipped by their norm or by their values, not both. Set clip_norm or clip_value to 0.",
        )
